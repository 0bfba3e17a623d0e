//! Tables without borders: they fit the terminal, and a script can cut them.

use super::document::Document;
use super::record::{Cell, ColumnKind, Record, Tone};
use super::{Column, Style};
use comfy_table::presets::NOTHING;
use comfy_table::{
    Attribute, Cell as TableCell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width,
};
use std::fmt::Display;
use unicode_width::UnicodeWidthStr as _;

/// Where a terminal does not say how wide it is.
const USUAL_WIDTH: u16 = 80;

/// Where a terminal does not say how high it is.
const USUAL_HEIGHT: u16 = 24;

/// Between two columns.
const GAP: u16 = 2;

/// A text column that wraps keeps room for a date or a short word.
const NARROWEST: usize = 10;

/// Columns of the terminal that stdout is.
pub fn terminal_width() -> u16 {
    Table::new().width().filter(|width| *width > 0).unwrap_or(USUAL_WIDTH)
}

/// Lines of the terminal that stdout is.
pub fn terminal_height() -> u16 {
    crossterm::terminal::size().map_or(USUAL_HEIGHT, |(_, lines)| lines)
}

/// Things as rows under a header.
pub fn rows<T: Record>(rows: &[T], style: Style) -> String {
    let rows: Vec<Vec<Cell>> = rows.iter().map(Record::cells).collect();
    grid(T::COLUMNS, &rows, style)
}

/// Members of documents as rows, each under its name.
pub fn members(fields: &[String], rows: &[Document], style: Style) -> String {
    let titles: Vec<_> = fields.iter().map(|field| field.to_uppercase()).collect();
    let columns: Vec<_> = titles.iter().map(|title| Column::text(title)).collect();
    let rows: Vec<Vec<Cell>> =
        rows.iter().map(|row| fields.iter().map(|field| member(row, field)).collect()).collect();
    grid(&columns, &rows, style)
}

/// A member of a document.
pub fn member(document: &Document, field: &str) -> Cell {
    let value = document.member(field).filter(|value| **value != Document::Null);
    Cell::maybe(value.map(Document::text))
}

fn grid(columns: &[Column<'_>], rows: &[Vec<Cell>], style: Style) -> String {
    let columns = shown(columns, rows, style);
    let mut table = empty(style);
    table.set_header(
        columns.iter().map(|shown| {
            align(TableCell::new(shown.column.title), shown.column).add_attribute(Attribute::Bold)
        }),
    );
    for row in rows {
        let cells = columns.iter().map(|shown| align(painted(&row[shown.index], style), shown.column));
        table.add_row(cells);
    }
    for (position, shown) in columns.iter().enumerate() {
        let gap = if position + 1 == columns.len() { 0 } else { GAP };
        if let Some(column) = table.column_mut(position) {
            let least = u16::try_from(shown.least).unwrap_or(u16::MAX).saturating_add(gap);
            column.set_padding((0, gap)).set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
    }
    text(&table)
}

/// A column that is shown.
struct Shown<'a> {
    column: Column<'a>,
    /// Its place among the cells of a row.
    index: usize,
    /// How narrow it may be: what is copied must be whole, and half a number is another one; names give way.
    least: usize,
}

fn shown<'a>(columns: &[Column<'a>], rows: &[Vec<Cell>], style: Style) -> Vec<Shown<'a>> {
    let widest =
        |index: usize| rows.iter().map(|row| row[index].text(style).width()).max().unwrap_or_default();
    let mut shown: Vec<Shown<'a>> = columns
        .iter()
        .enumerate()
        .map(|(index, &column)| {
            let whole = widest(index).max(column.title.width());
            Shown {
                column,
                index,
                least: if column.kind == ColumnKind::Text { whole.min(NARROWEST) } else { whole },
            }
        })
        .collect();
    let needed = |shown: &[Shown]| shown.iter().map(|shown| shown.least + usize::from(GAP)).sum::<usize>();
    let room = usize::from(style.width.unwrap_or(u16::MAX)) + usize::from(GAP);
    while needed(&shown) > room {
        let Some(spare) = shown.iter().position(|shown| shown.column.is_spare) else {
            break;
        };
        shown.remove(spare);
    }
    shown
}

/// One thing, a line for each of its members.
pub fn details<N: Display>(members: &[(N, Cell)], style: Style) -> String {
    let mut table = empty(style);
    for (name, cell) in members {
        table.add_row([TableCell::new(name).add_attribute(Attribute::Bold), painted(cell, style)]);
    }
    if let Some(names) = table.column_mut(0) {
        names.set_padding((0, GAP)).set_constraint(ColumnConstraint::ContentWidth);
    }
    if let Some(values) = table.column_mut(1) {
        values.set_padding((0, 0));
    }
    text(&table)
}

fn empty(style: Style) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    if let Some(width) = style.width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    } else {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    if style.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

fn text(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn align(cell: TableCell, column: Column<'_>) -> TableCell {
    if column.kind == ColumnKind::Number { cell.set_alignment(CellAlignment::Right) } else { cell }
}

fn painted(cell: &Cell, style: Style) -> TableCell {
    let painted = TableCell::new(cell.text(style));
    match cell.tone {
        Tone::Plain => painted,
        Tone::Good => painted.fg(Color::Green),
        Tone::Attention => painted.fg(Color::Yellow),
        Tone::Bad => painted.fg(Color::Red),
        Tone::Faint => painted.add_attribute(Attribute::Dim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Row(&'static str, &'static str, u32);

    impl Record for Row {
        const COLUMNS: &'static [Column<'static>] =
            &[Column::whole("ID"), Column::text("NAME"), Column::number("FREE")];

        fn fields() -> Vec<&'static str> {
            Vec::new()
        }

        fn name(&self) -> String {
            self.0.to_owned()
        }

        fn cells(&self) -> Vec<Cell> {
            vec![Cell::new(self.0), Cell::new(self.1), Cell::new(self.2)]
        }
    }

    const ROWS: [Row; 3] = [
        Row("0197a1b2-0000-7000-8000-000000000001", "Jazz Night with a rather long name that goes on", 100),
        Row("0197a1b2-0000-7000-8000-000000000002", "東京ジャズフェスティバル二千二十六年", 5),
        Row("0197a1b2-0000-7000-8000-000000000003", "turn\u{202e}ed \u{1b}[31mred", 0),
    ];

    #[test]
    fn lines_are_whole_where_there_is_no_terminal() {
        insta::assert_snapshot!(rows(
            &ROWS,
            Style::plain(None)
        ), @"
        ID                                    NAME                                             FREE
        0197a1b2-0000-7000-8000-000000000001  Jazz Night with a rather long name that goes on   100
        0197a1b2-0000-7000-8000-000000000002  東京ジャズフェスティバル二千二十六年                5
        0197a1b2-0000-7000-8000-000000000003  turn<U+202E>ed ␛[31mred                             0
        ");
    }

    #[test]
    fn names_give_way_on_a_narrow_terminal() {
        let text = rows(&ROWS, Style::plain(Some(70)));
        assert!(text.lines().all(|line| line.width() <= 70), "{text}");
        insta::assert_snapshot!(text, @"
        ID                                    NAME                        FREE
        0197a1b2-0000-7000-8000-000000000001  Jazz Night with a rather     100
                                              long name that goes on
        0197a1b2-0000-7000-8000-000000000002  東京ジャズフェスティバル二     5
                                              千二十六年
        0197a1b2-0000-7000-8000-000000000003  turn<U+202E>ed ␛[31mred        0
        ");
    }

    #[test]
    fn colours_are_only_where_they_are_wanted() {
        let bad = || Cell::new("down").tone(Tone::Bad);
        let line = |color| {
            let style = Style { color, ..Style::plain(Some(80)) };
            let mut table = empty(style);
            table.add_row([painted(&bad(), style)]);
            text(&table)
        };
        assert!(line(true).contains('\u{1b}'));
        assert!(!line(false).contains('\u{1b}'));
    }

    #[test]
    fn details_align_their_names() {
        insta::assert_snapshot!(ROWS[1].portrait(Style::plain(Some(60))), @"
        ID    0197a1b2-0000-7000-8000-000000000002
        Name  東京ジャズフェスティバル二千二十六年
        Free  5
        ");
    }
}
