//! An event's seats as a map that fits the terminal.

use super::document::members_of;
use super::text::{seat_ranges, visible};
use super::{Cell, Column, Record, Style};
use happening_core::wire::{Hold, SeatMap};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Beyond this many seats a map is longer than anyone reads: ranges tell it better.
const LARGEST_MAP: u32 = 1000;

/// Where there is no terminal.
const USUAL_WIDTH: u16 = 80;

/// A seat's state by a mark, which colour only repeats.
const TAKEN: char = 'x';
const HELD: char = '~';

impl Record for SeatMap {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::number("SEATS"), Column::number("TAKEN"), Column::number("HELD")];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.event.as_ref().map_or_else(String::new, |event| event.id.to_string())
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::new(self.total), Cell::new(self.taken.len()), Cell::new(self.held.len())]
    }

    fn portrait(&self, style: Style) -> String {
        map(self, style)
    }
}

impl Record for Hold {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("TOKEN"), Column::text("SEATS"), Column::text("CONFLICTS"), Column::text("UNTIL")];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.hold_token.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let ranges = |seats: &[u32]| (!seats.is_empty()).then(|| seat_ranges(seats));
        vec![
            Cell::new(self.hold_token),
            Cell::maybe(ranges(&self.seats)),
            Cell::maybe(ranges(&self.conflicts)),
            Cell::time(self.expires_at),
        ]
    }
}

/// The map with a summary above and the marks explained below.
fn map(seats: &SeatMap, style: Style) -> String {
    let taken: HashSet<u32> = seats.taken.iter().copied().collect();
    // Someone may be picking a seat that was booked a moment ago.
    let held: Vec<u32> = seats.held.iter().copied().filter(|seat| !taken.contains(seat)).collect();
    let mut text = summary(seats, held.len());
    if seats.total > LARGEST_MAP {
        ranges(&mut text, "taken", &seats.taken);
        ranges(&mut text, "held", &held);
        return text;
    }
    let held: HashSet<u32> = held.into_iter().collect();
    let digits = seats.total.to_string().len();
    // A number, its mark, a space.
    let per_line = (usize::from(style.width.unwrap_or(USUAL_WIDTH)) + 1) / (digits + 2);
    // Decades line up where they can.
    let per_line = if per_line >= 10 { per_line / 10 * 10 } else { per_line.max(1) };
    let mut line = String::new();
    for seat in 1..=seats.total {
        let mark = if taken.contains(&seat) {
            TAKEN
        } else if held.contains(&seat) {
            HELD
        } else {
            ' '
        };
        line.push_str(&painted(&format!("{seat:>digits$}{mark}"), mark, style.color));
        if (seat as usize).is_multiple_of(per_line) || seat == seats.total {
            text.push_str(line.trim_end());
            text.push('\n');
            line.clear();
        } else {
            line.push(' ');
        }
    }
    if !taken.is_empty() || !held.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{TAKEN} taken  {HELD} being picked");
    }
    text
}

fn summary(seats: &SeatMap, held: usize) -> String {
    let name = seats.event.as_ref().map_or(String::new(), |event| format!("{}: ", visible(&event.name)));
    let free = (seats.total as usize).saturating_sub(seats.taken.len() + held);
    let being_picked = if held > 0 { format!(", {held} being picked") } else { String::new() };
    format!("{name}{} seats, {free} free, {} taken{being_picked}\n\n", seats.total, seats.taken.len())
}

fn ranges(text: &mut String, what: &str, seats: &[u32]) {
    if !seats.is_empty() {
        let _ = writeln!(text, "{what}: {}", seat_ranges(seats));
    }
}

fn painted(cell: &str, mark: char, color: bool) -> String {
    let code = match mark {
        TAKEN => "31",
        HELD => "33",
        _ => "32",
    };
    if color { format!("\u{1b}[{code}m{cell}\u{1b}[0m") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(total: u32, taken: &[u32], held: &[u32]) -> SeatMap {
        SeatMap { total, taken: taken.to_vec(), held: held.to_vec(), event: None }
    }

    #[test]
    fn a_few_seats() {
        insta::assert_snapshot!(map(&seats(5, &[1, 2], &[2, 4]), Style::plain(Some(80))), @"
        5 seats, 2 free, 2 taken, 1 being picked

        1x 2x 3  4~ 5

        x taken  ~ being picked
        ");
    }

    #[test]
    fn wraps_to_the_width() {
        let text = map(&seats(104, &[100], &[]), Style::plain(Some(40)));
        assert!(text.lines().skip(2).all(|line| line.len() <= 40), "{text}");
        insta::assert_snapshot!(map(&seats(23, &[7, 20], &[]), Style::plain(Some(43))), @"
        23 seats, 21 free, 2 taken

         1   2   3   4   5   6   7x  8   9  10
        11  12  13  14  15  16  17  18  19  20x
        21  22  23

        x taken  ~ being picked
        ");
    }

    #[test]
    fn a_stadium_is_told_in_ranges() {
        let taken: Vec<u32> = (1..=40_000).chain([50_000]).collect();
        insta::assert_snapshot!(map(&seats(100_000, &taken, &[50_001]), Style::plain(Some(80))), @"
        100000 seats, 59998 free, 40001 taken, 1 being picked

        taken: 1-40000, 50000
        held: 50001
        ");
    }

    #[test]
    fn survives_any_width() {
        for width in 0..200 {
            map(&seats(120, &[1], &[]), Style::plain(Some(width)));
        }
    }
}
