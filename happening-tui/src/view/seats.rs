//! The seat map: a sign for each seat, in blocks of ten, a number before each row; farther away, a sign for ten or a hundred
//! seats that says how many of them are taken. Only what is on the screen is drawn.

use super::{message, named, nothing_yet, title};
use crate::layout::{self, Grid};
use crate::model::{EventScreen, Model, Pane, Seat};
use crate::text;
use chrono::TimeDelta;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let inside = layout::inside(area);
    let Some(screen) = &model.event else { return };
    let grid = Grid::new(screen.seats.len(), inside, screen.zoom);
    let mut more = Vec::new();
    if screen.seen && grid.unit > 1 {
        more.push(Span::styled(format!("  {}", grid.zoom.title()), theme.muted));
    }
    if !screen.picked.is_empty() {
        let picked = format!("  {} {} picked", theme.signs.picked, text::number(screen.picked.len() as u64));
        more.push(Span::styled(picked, theme.warn));
    }
    if let Some((_, name)) = &screen.person {
        more.push(Span::styled(format!("  {} {}", theme.signs.theirs, text::cut(name, 20)), theme.accent));
    }
    let mut block = named(model, Pane::Seats, more);
    if !screen.seen {
        frame.render_widget(block, area);
        let query = crate::feed::Query::Seats(screen.id);
        let freshness = model.feeds.freshness(&query, TimeDelta::MAX / 4, model.now);
        message(frame, inside, nothing_yet(model, freshness, usize::from(inside.width)));
        return;
    }
    block = block.title_bottom(legend(model, screen, usize::from(area.width)));
    let last = (screen.first + grid.rows * grid.per_row * grid.unit).min(screen.seats.len());
    if last - screen.first.min(last) < screen.seats.len() && area.width > 50 {
        block = block.title(super::place(model, screen.first + 1, last, screen.seats.len()).right_aligned());
    }
    frame.render_widget(block, area);
    map(model, screen, &grid, frame, inside);
}

fn map(model: &Model, screen: &EventScreen, grid: &Grid, frame: &mut Frame, area: Rect) {
    let buffer = frame.buffer_mut();
    let focused = model.pane() == Pane::Seats && model.overlay.is_none();
    let per_row = grid.per_row * grid.unit;
    let first = screen.first.min(screen.seats.len());
    let theirs = theirs(model, screen);
    for (row, y) in screen.seats[first..].chunks(per_row).zip(area.top()..area.bottom()) {
        let begin = first + usize::from(y - area.top()) * per_row;
        let label = text::right(&(begin + 1).to_string(), grid.label - 1);
        buffer.set_stringn(area.x, y, label, usize::from(area.width), model.theme.muted);
        for (at, seats) in row.chunks(grid.unit).enumerate() {
            let Some(x) = u16::try_from(grid.offset(at)).ok().and_then(|offset| area.x.checked_add(offset))
            else {
                break;
            };
            if x >= area.right() {
                break;
            }
            let from = begin + at * grid.unit;
            let (sign, mut style) = if grid.unit == 1 {
                one(model, screen, from, seats[0], &theirs)
            } else {
                several(model, screen, from, seats)
            };
            if focused && (from..from + seats.len()).contains(&screen.cursor) {
                style = style.patch(model.theme.selected).add_modifier(ratatui::style::Modifier::REVERSED);
            }
            buffer[(x, y)].set_symbol(sign).set_style(style);
        }
    }
}

/// Seats of the person who is looked for.
fn theirs(model: &Model, screen: &EventScreen) -> std::collections::HashSet<u32> {
    let (Some((person, _)), Some((_, (bookings, _)))) = (&screen.person, &model.data.bookings_at) else {
        return std::collections::HashSet::new();
    };
    let bookings = bookings.iter().filter(|found| found.booking.user_id == *person);
    bookings.flat_map(|found| found.booking.assigned_seats.iter().flatten().copied()).collect()
}

/// One seat.
fn one(
    model: &Model,
    screen: &EventScreen,
    at: usize,
    seat: Seat,
    theirs: &std::collections::HashSet<u32>,
) -> (&'static str, Style) {
    let theme = &model.theme;
    let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
    if screen.picked.contains(&number) {
        return (theme.signs.picked, theme.picked);
    }
    if let Some(anchor) = screen.anchor
        && (anchor.min(screen.number())..=anchor.max(screen.number())).contains(&number)
        && seat != Seat::Taken
    {
        return (theme.signs.picked, theme.warn);
    }
    if theirs.contains(&number) {
        return (theme.signs.theirs, theme.accent);
    }
    let just = screen.changed.contains_key(&number);
    match (seat, just) {
        (Seat::Taken, true) => (theme.signs.just[0], theme.strong.patch(theme.warn)),
        (Seat::Free, true) => (theme.signs.just[1], theme.strong.patch(theme.good)),
        _ => look(model, seat),
    }
}

/// Several seats: how many of them are taken.
fn several(model: &Model, screen: &EventScreen, from: usize, seats: &[Seat]) -> (&'static str, Style) {
    let theme = &model.theme;
    let taken = seats.iter().filter(|seat| **seat == Seat::Taken).count();
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    if screen.picked.range(number(from + 1)..=number(from + seats.len())).next().is_some() {
        return (theme.signs.picked, theme.picked);
    }
    let most = theme.signs.levels.len() - 1;
    let level = match taken {
        0 => 0,
        taken if taken == seats.len() => most,
        taken => (taken * most / seats.len()).clamp(1, most - 1),
    };
    let just = !screen.changed.is_empty()
        && (from..from + seats.len()).any(|at| screen.changed.contains_key(&number(at + 1)));
    let style = if just {
        theme.strong.patch(theme.warn)
    } else if taken == seats.len() {
        theme.taken
    } else {
        theme.good
    };
    (if level == 0 { theme.signs.dot } else { theme.signs.levels[level] }, style)
}

/// What the signs mean, with how many there are of each.
fn legend(model: &Model, screen: &EventScreen, cells: usize) -> ratatui::text::Line<'static> {
    let wide = cells >= 44;
    let free = u32::try_from(screen.free()).unwrap_or(u32::MAX);
    let entries =
        [(Seat::Free, free, "free"), (Seat::Taken, screen.taken, "taken"), (Seat::Held, screen.held, "held")];
    let mut spans = Vec::new();
    for (seat, count, word) in entries {
        let (sign, style) = look(model, seat);
        let gap = if spans.is_empty() { "" } else { "  " };
        spans.push(Span::raw(gap));
        spans.push(Span::styled(sign, style));
        let words = if wide { format!(" {} {word}", text::number(count)) } else { format!(" {word}") };
        spans.push(Span::styled(words, model.theme.muted));
    }
    if cells >= 76 {
        let [booked, freed] = model.theme.signs.just;
        spans.push(Span::styled(format!("  {booked} just booked  {freed} just freed"), model.theme.faint));
    }
    title(spans)
}

fn look(model: &Model, seat: Seat) -> (&'static str, Style) {
    let theme = &model.theme;
    match seat {
        Seat::Free => (theme.signs.free, theme.good),
        Seat::Held => (theme.signs.held, theme.warn),
        Seat::Taken => (theme.signs.taken, theme.taken),
    }
}
