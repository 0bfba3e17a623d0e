//! One event.

use super::{notice, watch};
use crate::effect::Effect;
use crate::layout::{self, Grid, Shape};
use crate::model::{EventSnapshot, Model, Pane, Place};
use crate::trouble::Trouble;
use ratatui::layout::Rect;

/// The event was seen anew.
pub fn see(model: &mut Model, snapshot: EventSnapshot) {
    let now = model.now;
    if let Some(screen) = &mut model.event
        && screen.event.id == snapshot.event.id
    {
        screen.event = snapshot.event.clone();
        screen.fresh.see(snapshot, now);
    }
}

/// The event is not there any more.
pub fn gone(model: &mut Model, trouble: Trouble) -> Vec<Effect> {
    let name = model.event.as_ref().map(|screen| screen.event.name.clone()).unwrap_or_default();
    notice(model, Trouble { what: format!("“{name}” is not there any more: {}", trouble.what), ..trouble });
    back(model)
}

/// Leaves the event.
pub fn back(model: &mut Model) -> Vec<Effect> {
    model.event = None;
    model.place = Place::Events;
    vec![watch(model)]
}

/// Goes to the other pane.
pub fn other_pane(model: &mut Model) {
    if let Some(screen) = &mut model.event {
        screen.pane = screen.pane.other();
    }
}

/// Scrolls the pane that has the keys, by rows. [`settle`] takes back what is too far.
pub fn scroll(model: &mut Model, rows: isize) {
    let per_row = grid(model).map_or(1, |grid| grid.per_row).cast_signed();
    let Some(screen) = &mut model.event else { return };
    match screen.pane {
        Pane::Seats => {
            screen.first_seat = screen.first_seat.saturating_add_signed(rows.saturating_mul(per_row));
        }
        Pane::Waitlist => screen.first_party = screen.first_party.saturating_add_signed(rows),
    }
}

/// Scrolls the pane that has the keys, by screens.
pub fn page(model: &mut Model, screens: isize) {
    let rows = layout::page(model).cast_signed();
    scroll(model, screens * rows);
}

/// Keeps both panes within what there is.
pub fn settle(model: &mut Model, body: Rect, shape: Shape) {
    let Some(screen) = &mut model.event else { return };
    let parts = layout::event_parts(body, screen.pane, shape);
    if let Some(frame) = parts.seats {
        let seats = screen.seats();
        screen.first_seat = Grid::new(seats, layout::inside(frame)).settle(screen.first_seat, seats);
    }
    if let Some(frame) = parts.waitlist {
        let rows = usize::from(layout::rows(frame).height).max(1);
        screen.first_party = screen.first_party.min(screen.parties().saturating_sub(rows));
    }
}

fn grid(model: &Model) -> Option<Grid> {
    let screen = model.event.as_ref()?;
    let area = layout::terminal(model);
    let body = layout::body(model, area);
    let frame = layout::event_parts(body, screen.pane, layout::shape(area)).seats?;
    Some(Grid::new(screen.seats(), layout::inside(frame)))
}
