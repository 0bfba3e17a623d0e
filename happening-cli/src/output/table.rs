//! Tables without borders: they fit the terminal, and a script can cut them.

use super::record::{Cell, ColumnKind, Record, Tone};
use super::{Column, Style};
use comfy_table::presets::NOTHING;
use comfy_table::{
    Attribute, Cell as TableCell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width,
};
use unicode_width::UnicodeWidthStr as _;

/// Where a terminal does not say how wide it is.
const USUAL_WIDTH: u16 = 80;

/// Between two columns.
const GAP: u16 = 2;

/// A text column that wraps keeps room for a date or a short word.
const NARROWEST: usize = 10;

/// Columns of the terminal that stdout is.
pub fn terminal_width() -> u16 {
    Table::new().width().filter(|width| *width > 0).unwrap_or(USUAL_WIDTH)
}

/// Things as rows under a header.
pub fn rows<T: Record>(rows: &[T], style: Style) -> String {
    let rows: Vec<Vec<Cell>> = rows.iter().map(Record::cells).collect();
    let columns = shown(T::COLUMNS, &rows, style.width);
    let mut table = empty(style);
    table.set_header(
        columns.iter().map(|shown| {
            align(TableCell::new(shown.column.title), shown.column).add_attribute(Attribute::Bold)
        }),
    );
    for row in rows {
        let cells = columns.iter().map(|shown| align(painted(&row[shown.index]), shown.column));
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
struct Shown {
    column: Column,
    /// Its place among the cells of a row.
    index: usize,
    /// How narrow it may be: what is copied must be whole, and half a number is another one; names give way.
    least: usize,
}

fn shown(columns: &[Column], rows: &[Vec<Cell>], width: Option<u16>) -> Vec<Shown> {
    let widest =
        |index: usize| rows.iter().map(|row: &Vec<Cell>| row[index].text.width()).max().unwrap_or_default();
    let mut shown: Vec<Shown> = columns
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
    let room = usize::from(width.unwrap_or(u16::MAX)) + usize::from(GAP);
    while needed(&shown) > room {
        let Some(spare) = shown.iter().position(|shown| shown.column.is_spare) else {
            break;
        };
        shown.remove(spare);
    }
    shown
}

/// One thing, a line for each of its members.
pub fn details<T: Record>(item: &T, style: Style) -> String {
    let mut table = empty(style);
    for (name, cell) in item.details() {
        table.add_row([TableCell::new(name).add_attribute(Attribute::Bold), painted(&cell)]);
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

fn align(cell: TableCell, column: Column) -> TableCell {
    if column.kind == ColumnKind::Number { cell.set_alignment(CellAlignment::Right) } else { cell }
}

fn painted(cell: &Cell) -> TableCell {
    let painted = TableCell::new(&cell.text);
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
        const COLUMNS: &'static [Column] =
            &[Column::whole("ID"), Column::text("NAME"), Column::number("FREE")];

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
            let mut table = empty(Style { color, width: Some(80) });
            table.add_row([painted(&bad())]);
            text(&table)
        };
        assert!(line(true).contains('\u{1b}'));
        assert!(!line(false).contains('\u{1b}'));
    }

    #[test]
    fn details_align_their_names() {
        insta::assert_snapshot!(details(
            &ROWS[1],
            Style::plain(Some(60))
        ), @"
        ID    0197a1b2-0000-7000-8000-000000000002
        NAME  東京ジャズフェスティバル二千二十六年
        FREE  5
        ");
    }
}
