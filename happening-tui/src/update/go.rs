//! Going from screen to screen, and back.

use super::{feeds::dirty, notice};
use crate::effect::Effect;
use crate::model::{EventScreen, Link, Location, Model, Pane, RowKey, Screen};
use crate::trouble::Trouble;
use happening_core::id::{EventId, UserId};

/// Goes to a screen.
pub fn to(model: &mut Model, screen: Screen) -> Vec<Effect> {
    if screen == Screen::Event && model.event.is_none() {
        return model.target_event().map(|event| open_event(model, event)).unwrap_or_default();
    }
    let from = model.location();
    if screen == model.screen {
        return Vec::new();
    }
    model.trail.leave(from);
    enter(model, Location { screen, ..from })
}

/// Opens an event.
pub fn open_event(model: &mut Model, event: EventId) -> Vec<Effect> {
    let from = model.location();
    let to = Location { screen: Screen::Event, event: Some(event) };
    if from != to {
        model.trail.leave(from);
    }
    enter(model, to)
}

/// Shows a person with all that they have.
pub fn to_person(model: &mut Model, person: UserId, name: &str) -> Vec<Effect> {
    name.clone_into(&mut model.people_wanted);
    if let Some(table) = model.tables.get_mut(&Pane::People) {
        table.filter.set(String::new());
        table.select(RowKey::Person(person));
    }
    dirty(model, Screen::Bookings.panes());
    model.focus[Screen::Bookings.index()] = 1;
    to(model, Screen::Bookings)
}

/// Shows an event in a table of another screen.
pub fn to_row(model: &mut Model, screen: Screen, pane: Pane, key: RowKey) -> Vec<Effect> {
    if let Some(table) = model.tables.get_mut(&pane) {
        table.filter.set(String::new());
        table.select(key);
    }
    dirty(model, screen.panes());
    to(model, screen)
}

/// Goes back.
pub fn back(model: &mut Model) -> Vec<Effect> {
    let Some(to) = model.trail.back.pop() else { return Vec::new() };
    let from = model.location();
    model.trail.forward.push(from);
    enter(model, to)
}

/// Goes where one went back from.
pub fn forward(model: &mut Model) -> Vec<Effect> {
    let Some(to) = model.trail.forward.pop() else { return Vec::new() };
    let from = model.location();
    model.trail.back.push(from);
    enter(model, to)
}

fn enter(model: &mut Model, to: Location) -> Vec<Effect> {
    model.screen = to.screen;
    dirty(model, to.screen.panes());
    let open = model.event.as_ref().map(|event| event.id);
    match to.event {
        Some(event) if open != Some(event) => {
            model.event = Some(EventScreen::new(event));
            model.focus[Screen::Event.index()] = 0;
            dirty(model, Screen::Event.panes());
            vec![watch_event(model, event)]
        }
        _ => Vec::new(),
    }
}

/// Listens to the event that is open.
pub fn watch_event(model: &mut Model, event: EventId) -> Effect {
    model.watch = model.draw_ticket();
    model.event_stream = Link::Off;
    Effect::WatchEvent { watch: model.watch, event }
}

/// The event that is open is not there any more.
pub fn gone(model: &mut Model, event: EventId, trouble: Trouble) -> Vec<Effect> {
    if model.event.as_ref().is_none_or(|screen| screen.id != event) {
        return Vec::new();
    }
    let name = model.data.event_name(event);
    notice(model, Trouble { what: format!("“{name}” is not there any more: {}", trouble.what), ..trouble });
    model.event = None;
    let trail = &mut model.trail;
    for steps in [&mut trail.back, &mut trail.forward] {
        steps.retain(|step| step.event != Some(event) || step.screen != Screen::Event);
        for step in steps.iter_mut() {
            step.event = step.event.filter(|open| *open != event);
        }
    }
    if model.screen == Screen::Event {
        model.screen = Screen::Events;
    }
    dirty(model, model.screen.panes());
    vec![Effect::UnwatchEvent]
}
