//! The list of events.

use super::watch;
use crate::effect::Effect;
use crate::layout;
use crate::model::{EventScreen, Model, Place};
use happening_core::wire::Event;
use std::collections::hash_map::Entry;

/// Names that are asked for at once; the rest at the next sighting.
const NAMES_AT_ONCE: usize = 32;

/// The list was seen anew.
pub fn see(model: &mut Model, events: Vec<Event>) -> Vec<Effect> {
    model.events.see(events, &model.organizations, model.now);
    let mut unknown = Vec::new();
    for event in model.events.fresh.data().into_iter().flatten() {
        if unknown.len() == NAMES_AT_ONCE {
            break;
        }
        if let Entry::Vacant(name) = model.organizations.entry(event.org_id) {
            name.insert(None);
            unknown.push(event.org_id);
        }
    }
    if unknown.is_empty() { Vec::new() } else { vec![Effect::LearnOrganizations(unknown)] }
}

/// Opens the event under the cursor.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some(event) = model.events.at(model.events.cursor) else {
        return Vec::new();
    };
    model.event = Some(EventScreen::new(event.clone()));
    model.place = Place::Event;
    vec![watch(model)]
}

/// Moves the cursor, by rows.
pub fn move_by(model: &mut Model, rows: isize) {
    let cursor = model.events.cursor.saturating_add_signed(rows);
    model.events.move_to(cursor);
}

/// Moves the cursor, by screens.
pub fn page(model: &mut Model, screens: isize) {
    let rows = layout::page(model).cast_signed();
    move_by(model, screens * rows);
}

/// Sets the filter. The cursor stays on its event where that still matches.
pub fn filter(model: &mut Model, text: String) {
    model.events.filter.set(text);
    model.events.refilter(&model.organizations);
}
