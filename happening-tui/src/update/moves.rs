//! Moving within a screen: cursors, panes, filters, marks, the seat map, the charts.

use super::feeds::dirty;
use super::{keys, toast};
use crate::action::Action;
use crate::effect::Effect;
use crate::layout::{self, Grid};
use crate::model::{LONGEST, Model, Overlay, Pane, Zoom};

/// Far enough for anything, and not so far that it overflows.
const FAR: isize = isize::MAX / 4;

/// Goes to another pane.
pub fn focus(model: &mut Model, by: isize) {
    let count = model.screen.panes().len();
    let at = &mut model.focus[model.screen.index()];
    *at = (at.cast_signed() + by).rem_euclid(count.cast_signed()).cast_unsigned();
}

/// A move.
pub fn go(model: &mut Model, action: Action) -> Vec<Effect> {
    if let Some(Overlay::Chooser(_)) = &model.overlay {
        let rows = layout::chooser_rows(layout::terminal(model)).1.max(1).cast_signed();
        super::chooser::move_by(model, rows_of(action, rows));
        return Vec::new();
    }
    match model.pane() {
        Pane::Seats => seats(model, action),
        Pane::Charts => charts(model, action),
        _ => match action {
            Action::Right => return keys::open(model),
            Action::Left => return keys::perform(model, Action::Leave),
            _ => table(model, rows_of(action, layout::page(model).cast_signed())),
        },
    }
    Vec::new()
}

fn rows_of(action: Action, page: isize) -> isize {
    match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -page,
        Action::PageDown => page,
        Action::Top => -FAR,
        Action::Bottom => FAR,
        _ => 0,
    }
}

/// Moves the cursor of the table that has the keys.
pub fn table(model: &mut Model, rows: isize) {
    if let Some(table) = model.table_mut() {
        table.move_by(rows);
    }
    let pane = model.pane();
    follow(model, pane);
}

/// Tables that show what belongs to the row under the cursor of this one follow it.
pub fn follow(model: &mut Model, pane: Pane) {
    match pane {
        Pane::Organizations => dirty(model, &[Pane::Members, Pane::Invites, Pane::ServiceAccounts]),
        Pane::People => dirty(model, &[Pane::PersonBookings, Pane::Told]),
        Pane::WaitingEvents => dirty(model, &[Pane::Parties]),
        _ => {}
    }
}

/// The grid of the seat map that is shown.
pub fn grid(model: &Model) -> Grid {
    let pane = layout::body(model, layout::terminal(model)).pane(Pane::Seats).unwrap_or_default();
    let (seats, zoom) = model.event.as_ref().map_or((0, None), |event| (event.seats.len(), event.zoom));
    Grid::new(seats, layout::inside(pane), zoom)
}

fn seats(model: &mut Model, action: Action) {
    let grid = grid(model);
    let Some(event) = &mut model.event else { return };
    let (cell, row) = (grid.unit.cast_signed(), (grid.per_row * grid.unit).cast_signed());
    let page = row * grid.rows.max(1).cast_signed();
    event.move_by(match action {
        Action::Left => -cell,
        Action::Right => cell,
        Action::Up => -row,
        Action::Down => row,
        Action::PageUp => -page,
        Action::PageDown => page,
        Action::Top => -FAR,
        _ => FAR,
    });
}

fn charts(model: &mut Model, action: Action) {
    let series = &mut model.series;
    let Some(back) = series.paused else {
        if matches!(action, Action::Left | Action::Right) {
            toast(model, "`space` stops the charts; then ← and → go through the past");
        }
        return;
    };
    let most = series.len().min(LONGEST);
    series.paused = Some(match action {
        Action::Left | Action::Up => (back + 10).min(most),
        Action::Right | Action::Down => back.saturating_sub(10),
        Action::PageUp => (back + 60).min(most),
        Action::PageDown => back.saturating_sub(60),
        Action::Top => most,
        _ => 0,
    });
}

/// Filters, marks, picks, zooms.
pub fn in_pane(model: &mut Model, action: Action) {
    match action {
        Action::PauseCharts => {
            model.series.paused = if model.series.paused.is_some() { None } else { Some(0) };
        }
        Action::Pick | Action::PickRange | Action::ZoomIn | Action::ZoomOut => seat_map(model, action),
        _ => {
            let Some(table) = model.table_mut() else { return };
            match action {
                Action::Filter => table.filter.editing = true,
                Action::KeepFilter => table.filter.editing = false,
                Action::ClearFilter => {
                    table.filter.editing = false;
                    table.filter.set(String::new());
                    table.arrange();
                }
                Action::Mark => table.mark(),
                _ => table.mark_all(),
            }
            let pane = model.pane();
            follow(model, pane);
        }
    }
}

fn seat_map(model: &mut Model, action: Action) {
    let zoom = grid(model).zoom;
    let at = Zoom::ALL.iter().position(|one| *one == zoom).unwrap_or(0);
    let Some(event) = &mut model.event else { return };
    match action {
        Action::Pick => event.pick(),
        Action::PickRange => {
            let number = event.number();
            event.anchor = Some(number);
            toast(model, format!("From seat {number}: go to the other end and press space"));
        }
        Action::ZoomIn => event.zoom = Some(Zoom::ALL[at.saturating_sub(1)]),
        _ => event.zoom = Some(Zoom::ALL[(at + 1).min(Zoom::ALL.len() - 1)]),
    }
}
