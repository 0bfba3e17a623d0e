//! Tables without borders: they fit the terminal, and a script can cut them.

use super::document::Document;
use super::record::{Cell, ColumnKind, Record, Tone, sentence_case};
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

/// What is longer wraps, however wide the terminal is: one long cell must not push all the others aside.
const WIDEST: usize = 64;

/// An id stays in one line, also beside something that is too long to.
const ID: usize = 36;

/// Where there is less room than this beside the names, values stand below them.
const ROOM: usize = 16;

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
    let Some(columns) = shown(columns, rows, style) else {
        return blocks(columns, rows, style);
    };
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
            let width =
                |columns| Width::Fixed(u16::try_from(columns).unwrap_or(u16::MAX).saturating_add(gap));
            let constraint = match shown.most {
                Some(most) => ColumnConstraint::Boundaries { lower: width(shown.least), upper: width(most) },
                None => ColumnConstraint::LowerBoundary(width(shown.least)),
            };
            column.set_padding((0, gap)).set_constraint(constraint);
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
    /// How wide it may be at most, where it would like to be wider.
    most: Option<usize>,
}

/// The columns that fit the terminal; `None` if it is too narrow for those that must not be left out.
fn shown<'a>(columns: &[Column<'a>], rows: &[Vec<Cell>], style: Style) -> Option<Vec<Shown<'a>>> {
    let widest =
        |index: usize| rows.iter().map(|row| row[index].text(style).width()).max().unwrap_or_default();
    let mut shown: Vec<Shown<'a>> = columns
        .iter()
        .enumerate()
        .map(|(index, &column)| {
            let whole = widest(index).max(column.title.width());
            let is_too_wide = style.width.is_some() && column.kind != ColumnKind::Number && whole > WIDEST;
            let least = match column.kind {
                ColumnKind::Text => whole.min(NARROWEST),
                _ if is_too_wide => ID,
                _ => whole,
            };
            Shown { column, index, least, most: is_too_wide.then_some(WIDEST) }
        })
        .collect();
    let needed = |shown: &[Shown]| shown.iter().map(|shown| shown.least + usize::from(GAP)).sum::<usize>();
    let room = usize::from(style.width.unwrap_or(u16::MAX)) + usize::from(GAP);
    while needed(&shown) > room {
        shown.remove(shown.iter().position(|shown| shown.column.is_spare)?);
    }
    Some(shown)
}

/// Things one below the other, each as if it were alone.
fn blocks(columns: &[Column<'_>], rows: &[Vec<Cell>], style: Style) -> String {
    let block = |row: &Vec<Cell>| {
        let named = columns.iter().map(|column| sentence_case(column.title)).zip(row.iter().cloned());
        details(&named.collect::<Vec<_>>(), style)
    };
    rows.iter().map(block).collect::<Vec<_>>().join("\n")
}

/// One thing, a line for each of its members.
pub fn details<N: Display>(members: &[(N, Cell)], style: Style) -> String {
    let names = members.iter().map(|(name, _)| name.to_string().width()).max().unwrap_or_default();
    let mut table = empty(style);
    if style.width.is_some_and(|width| usize::from(width) < names + usize::from(GAP) + ROOM) {
        for (name, cell) in members {
            table.add_row([TableCell::new(name).add_attribute(Attribute::Bold)]);
            table.add_row([painted(cell, style)]);
        }
        if let Some(column) = table.column_mut(0) {
            column.set_padding((0, 0));
        }
        return text(&table);
    }
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

    #[test]
    fn things_stand_one_below_the_other_on_a_very_narrow_terminal() {
        for width in [50, 40, 24] {
            let text = rows(&ROWS, Style::plain(Some(width)));
            assert!(text.lines().all(|line| line.width() <= usize::from(width)), "{width}:\n{text}");
        }
        insta::assert_snapshot!(rows(&ROWS[..2], Style::plain(Some(50))), @"
        ID    0197a1b2-0000-7000-8000-000000000001
        Name  Jazz Night with a rather long name that goes
              on
        Free  100

        ID    0197a1b2-0000-7000-8000-000000000002
        Name  東京ジャズフェスティバル二千二十六年
        Free  5
        ");
        insta::assert_snapshot!(rows(&ROWS[1..2], Style::plain(Some(20))), @"
        ID
        0197a1b2-0000-7000-8
        000-000000000002
        Name
        東京ジャズフェスティ
        バル二千二十六年
        Free
        5
        ");
    }

    #[test]
    fn one_long_cell_does_not_widen_the_table() {
        let long = Cell::new(format!("{}@example.org", "a".repeat(242)));
        let columns = [Column::whole("E-MAIL"), Column::text("NAME"), Column::whole("ROLE")];
        let row = |mail: Cell| vec![mail, Cell::new("Ada"), Cell::new("attendee")];
        let cells = [row(Cell::new("ada@example.org")), row(long)];
        for width in [80, 120, 300] {
            let text = grid(&columns, &cells, Style::plain(Some(width)));
            assert!(text.lines().all(|line| line.width() <= 80), "{width}:\n{text}");
            assert!(text.starts_with("E-MAIL"), "{text}");
        }
        let whole = grid(&columns, &cells, Style::plain(None));
        assert_eq!(whole.lines().count(), 3, "{whole}");
    }
}
