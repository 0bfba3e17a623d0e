//! The seat map: a sign for each seat, in blocks of ten, a number before each row. Only what is on the screen is
//! drawn, so that an event of 100,000 seats costs no more than one of a hundred.

use super::{message, nothing_yet, pane, title};
use crate::layout::{self, BLOCK, Grid};
use crate::model::{EventScreen, EventSnapshot, Model, Pane, Seat};
use crate::text;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

pub fn draw(model: &Model, screen: &EventScreen, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let inside = layout::inside(area);
    let focused = screen.pane == Pane::Seats;
    let mark = if focused { format!("{} ", theme.signs.into) } else { String::new() };
    let block =
        pane(model, title([Span::styled(mark, theme.accent), Span::styled("Seats", theme.strong)]), focused);
    let Some(snapshot) = screen.fresh.data() else {
        frame.render_widget(block, area);
        let freshness = screen.fresh.freshness(model.now);
        message(frame, inside, nothing_yet(model, freshness, usize::from(inside.width)));
        return;
    };
    let grid = Grid::new(snapshot.seats.len(), inside);
    let mut block = block.title_bottom(legend(model, snapshot, usize::from(area.width)));
    let last = (screen.first_seat + grid.rows * grid.per_row).min(snapshot.seats.len());
    if last - screen.first_seat.min(last) < snapshot.seats.len() {
        let place = super::place(model, screen.first_seat + 1, last, snapshot.seats.len());
        block = block.title(place.right_aligned());
    }
    frame.render_widget(block, area);
    map(model, screen, snapshot, &grid, frame, inside);
}

fn map(
    model: &Model,
    screen: &EventScreen,
    snapshot: &EventSnapshot,
    grid: &Grid,
    frame: &mut Frame,
    area: Rect,
) {
    let buffer = frame.buffer_mut();
    let looks = [Seat::Free, Seat::Held, Seat::Taken].map(|seat| look(model, seat));
    let first_row = screen.first_seat.min(snapshot.seats.len());
    for (row, y) in snapshot.seats[first_row..].chunks(grid.per_row).zip(area.top()..area.bottom()) {
        let number = first_row + usize::from(y - area.top()) * grid.per_row + 1;
        let label = text::right(&number.to_string(), grid.label - 1);
        buffer.set_stringn(area.x, y, label, usize::from(area.width), model.theme.muted);
        for (at, seat) in row.iter().enumerate() {
            let offset = grid.label + at * grid.step + at / BLOCK;
            let Some(x) = u16::try_from(offset).ok().and_then(|offset| area.x.checked_add(offset)) else {
                break;
            };
            if x >= area.right() {
                break;
            }
            let (sign, style) = looks[*seat as usize];
            buffer[(x, y)].set_symbol(sign).set_style(style);
        }
    }
}

/// What the signs mean, with how many there are of each.
fn legend(model: &Model, snapshot: &EventSnapshot, cells: usize) -> ratatui::text::Line<'static> {
    let seats = u32::try_from(snapshot.seats.len()).unwrap_or(u32::MAX);
    let free = seats.saturating_sub(snapshot.taken).saturating_sub(snapshot.held);
    let wide = cells >= 44;
    let entries = [
        (Seat::Free, free, "free"),
        (Seat::Taken, snapshot.taken, "taken"),
        (Seat::Held, snapshot.held, "held"),
    ];
    let mut spans = Vec::new();
    for (seat, count, word) in entries {
        let (sign, style) = look(model, seat);
        let gap = if spans.is_empty() { "" } else { "  " };
        spans.push(Span::raw(gap));
        spans.push(Span::styled(sign, style));
        let words = if wide { format!(" {} {word}", text::number(count)) } else { format!(" {word}") };
        spans.push(Span::styled(words, model.theme.muted));
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
