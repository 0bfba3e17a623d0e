//! The mouse: a click takes the cursor there, the wheel scrolls, a click on a column sorts, one on a hint does what it says.

use super::{keys, moves};
use crate::effect::Effect;
use crate::layout;
use crate::model::{Context, Model, Overlay, Pane};
use crate::view;
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

/// Rows that the wheel goes.
const WHEEL: isize = 3;

/// The mouse was used.
pub fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollUp => wheel(model, at, -WHEEL),
        MouseEventKind::ScrollDown => wheel(model, at, WHEEL),
        MouseEventKind::Down(MouseButton::Left) => return click(model, at, event.modifiers),
        MouseEventKind::Drag(MouseButton::Left) => drag(model, at),
        _ => {}
    }
    Vec::new()
}

fn wheel(model: &mut Model, at: Position, rows: isize) {
    if let Some(Overlay::Chooser(_)) = &model.overlay {
        super::chooser::move_by(model, rows);
        return;
    }
    if model.overlay.is_some() || model.signin.is_some() {
        return;
    }
    focus_at(model, at);
    if model.pane() == Pane::Seats {
        let grid = moves::grid(model);
        if let Some(event) = &mut model.event {
            event.move_by(rows.saturating_mul((grid.per_row * grid.unit).cast_signed()));
        }
    } else {
        moves::table(model, rows);
    }
}

fn click(model: &mut Model, at: Position, modifiers: KeyModifiers) -> Vec<Effect> {
    let area = layout::terminal(model);
    let footer = layout::parts(area, 0).footer;
    if footer.contains(at) {
        let action = view::footer::action_at(model, footer, at.x);
        return action.map(|action| keys::perform(model, action)).unwrap_or_default();
    }
    if matches!(&model.overlay, Some(Overlay::Dialog(_))) {
        return click_button(model, area, at);
    }
    match &mut model.overlay {
        Some(Overlay::Chooser(chooser)) => {
            let (frame, rows) = layout::chooser_rows(area);
            let first = layout::inside(frame).y + 2;
            let row = usize::from(at.y.saturating_sub(first));
            if !frame.contains(at) {
                model.overlay = None;
            } else if at.y >= first && row < rows && chooser.top + row < chooser.shown.len() {
                chooser.cursor = chooser.top + row;
                return super::chooser::accept(model);
            }
        }
        Some(Overlay::Form(form)) => {
            if let Some(field) = view::form::field_at(area, form, at) {
                form.at = field;
            }
        }
        Some(Overlay::Dialog(_)) => {}
        None => return click_pane(model, at, modifiers),
    }
    Vec::new()
}

/// A click picks a button; a second one on the same presses it. Cancel is pressed at once.
fn click_button(model: &mut Model, area: Rect, at: Position) -> Vec<Effect> {
    let Some(on_confirm) = view::dialog::button_at(model, area, at) else { return Vec::new() };
    let Some(Overlay::Dialog(dialog)) = &mut model.overlay else { return Vec::new() };
    let again = dialog.on_confirm == on_confirm;
    dialog.on_confirm = on_confirm;
    if again || !on_confirm { super::overlay::accept(model) } else { Vec::new() }
}

fn click_pane(model: &mut Model, at: Position, modifiers: KeyModifiers) -> Vec<Effect> {
    if !matches!(model.context(), Context::Pane(..) | Context::Filter) {
        return Vec::new();
    }
    let Some((pane, rect)) = focus_at(model, at) else { return Vec::new() };
    if pane == Pane::Seats {
        if let Some(seat) = seat_at(model, rect, at)
            && let Some(event) = &mut model.event
        {
            event.cursor = seat;
            if modifiers.contains(KeyModifiers::SHIFT) && event.anchor.is_none() {
                event.anchor = Some(event.number());
            } else {
                event.pick();
            }
        }
        return Vec::new();
    }
    let rows = layout::rows(rect);
    let inside = layout::inside(rect);
    if at.y == inside.y {
        if let Some(column) = view::table::column_at(model, pane, inside, at.x)
            && let Some(table) = model.tables.get_mut(&pane)
        {
            table.sort_by(column);
        }
    } else if rows.contains(at)
        && let Some(table) = model.tables.get_mut(&pane)
    {
        let place = table.top + usize::from(at.y - rows.y);
        if place < table.shown.len() {
            let again = table.cursor == place;
            table.moved = true;
            table.move_to(place);
            let pane = model.pane();
            moves::follow(model, pane);
            if again {
                return keys::open(model);
            }
        }
    }
    Vec::new()
}

/// Drawing over seats picks them.
fn drag(model: &mut Model, at: Position) {
    if model.overlay.is_some() || model.pane() != Pane::Seats {
        return;
    }
    let body = layout::body(model, layout::terminal(model));
    let Some(rect) = body.pane(Pane::Seats) else { return };
    if let Some(seat) = seat_at(model, rect, at)
        && let Some(event) = &mut model.event
        && event.cursor != seat
    {
        event.cursor = seat;
        let number = event.number();
        event.picked.insert(number);
    }
}

/// The seat under the mouse, counted from 0.
fn seat_at(model: &Model, pane: Rect, at: Position) -> Option<usize> {
    let event = model.event.as_ref()?;
    let inside = layout::inside(pane);
    if !inside.contains(at) {
        return None;
    }
    let grid = moves::grid(model);
    let cell = grid.cell_at(usize::from(at.x - inside.x))?;
    let seat = event.first + (usize::from(at.y - inside.y) * grid.per_row + cell) * grid.unit;
    (seat < event.seats.len()).then_some(seat)
}

/// Gives the keys to the pane under the mouse.
fn focus_at(model: &mut Model, at: Position) -> Option<(Pane, Rect)> {
    let body = layout::body(model, layout::terminal(model));
    let (pane, rect) = body.panes.into_iter().find(|(_, rect)| rect.contains(at))?;
    let place = model.screen.panes().iter().position(|one| *one == pane)?;
    model.focus[model.screen.index()] = place;
    Some((pane, rect))
}
