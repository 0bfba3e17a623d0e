//! Dialogs, forms and lists: their keys, and text that is typed into them.

use super::{change, chooser, feeds, forms, keys, moves, submit};
use crate::effect::Effect;
use crate::layout;
use crate::model::{ChooserKind, Context, Dialog, DialogState, FieldKind, Form, Model, Overlay};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

/// A key that is no action.
pub fn typed(model: &mut Model, key: KeyEvent) {
    match model.context() {
        Context::Filter => filter(model, key),
        Context::Form => form(model, key),
        Context::Chooser => {
            let Some(Overlay::Chooser(chooser)) = &mut model.overlay else { return };
            if matches!(chooser.kind, ChooserKind::Columns(_) | ChooserKind::Sort(_)) {
                // A list of columns is ticked off with the space bar.
                if key.code == KeyCode::Char(' ') {
                    let _nothing_else = chooser::accept(model);
                }
            } else if keys::edit(&mut chooser.text, key) {
                chooser::arrange(model);
            }
        }
        Context::Dialog => {
            if let (
                Some(Overlay::Dialog(dialog)),
                KeyCode::Left | KeyCode::Right | KeyCode::Char('h' | 'l'),
            ) = (&mut model.overlay, key.code)
            {
                dialog.on_confirm = !dialog.on_confirm;
            }
        }
        Context::SignIn | Context::Pane(..) => {}
    }
}

/// Text was pasted: where text is typed it is taken, as much of it as there is place for, and all at once. It is never taken for
/// keys that do something.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let pasted = || text.chars().filter(|c| !c.is_control()).take(keys::LONGEST_INPUT);
    let append = |to: &mut String| {
        for c in pasted() {
            keys::edit(to, KeyEvent::from(KeyCode::Char(c)));
        }
    };
    match model.context() {
        Context::Filter => {
            let mut text = model.table().map(|table| table.filter.text.clone()).unwrap_or_default();
            append(&mut text);
            set_filter(model, text);
        }
        Context::Chooser => {
            if let Some(Overlay::Chooser(chooser)) = &mut model.overlay
                && !matches!(chooser.kind, ChooserKind::Columns(_) | ChooserKind::Sort(_))
            {
                append(&mut chooser.text);
                chooser::arrange(model);
            }
        }
        Context::Form => {
            for c in pasted() {
                form(model, KeyEvent::from(KeyCode::Char(c)));
            }
        }
        Context::Dialog | Context::SignIn | Context::Pane(..) => {}
    }
    Vec::new()
}

fn filter(model: &mut Model, key: KeyEvent) {
    let Some(table) = model.table_mut() else { return };
    let mut text = table.filter.text.clone();
    if key.code == KeyCode::Backspace && text.is_empty() {
        table.filter.editing = false;
    } else if keys::edit(&mut text, key) {
        set_filter(model, text);
    }
}

fn set_filter(model: &mut Model, text: String) {
    if let Some(table) = model.table_mut() {
        table.filter.set(text);
        table.arrange();
        let pane = model.pane();
        moves::follow(model, pane);
    }
}

fn form(model: &mut Model, key: KeyEvent) {
    let people = forms::suggestions(model);
    let Some(Overlay::Form(form)) = &mut model.overlay else { return };
    let (at, gives_way) = (form.at, form.gives_way());
    let Some(field) = form.fields.get_mut(at) else { return };
    form.error = None;
    if !matches!(key.code, KeyCode::Down | KeyCode::Up) {
        form.typed = Some(at);
    }
    let is_ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    match (&mut field.kind, key.code) {
        (FieldKind::Choice(words), KeyCode::Left | KeyCode::Right | KeyCode::Char(' ')) => {
            let count = words.len().max(1).cast_signed();
            let now = words.iter().position(|word| *word == field.text).unwrap_or(0).cast_signed();
            let by = if key.code == KeyCode::Left { -1 } else { 1 };
            field.text = words.get((now + by).rem_euclid(count).cast_unsigned()).cloned().unwrap_or_default();
        }
        (FieldKind::Choice(words), KeyCode::Char(c)) => {
            let found = words.iter().find(|word| word.to_lowercase().starts_with(c.to_ascii_lowercase()));
            if let Some(word) = found {
                field.text.clone_from(word);
            }
        }
        // A choice is made, not written.
        (FieldKind::Choice(_), code) if !matches!(code, KeyCode::Down | KeyCode::Up) => {}
        (FieldKind::Person(chosen), KeyCode::Down | KeyCode::Up) => {
            let now = chosen.as_ref().and_then(|(id, _)| people.iter().position(|one| one.id == *id));
            let next = match (now, key.code) {
                (None, _) => 0,
                (Some(now), KeyCode::Down) => (now + 1).min(people.len().saturating_sub(1)),
                (Some(now), _) => now.saturating_sub(1),
            };
            *chosen = people.get(next).map(|one| (one.id, one.username.clone()));
        }
        (FieldKind::Person(chosen), _) => {
            if keys::edit(&mut field.text, key) {
                *chosen = None;
            }
        }
        (_, KeyCode::Down) => next_field(model, 1),
        (_, KeyCode::Up) => next_field(model, -1),
        (FieldKind::Number, KeyCode::Char(c)) if !is_ctrl && !c.is_ascii_digit() => {}
        _ => {
            if gives_way && matches!(key.code, KeyCode::Char(_)) && !is_ctrl {
                field.text.clear();
            }
            keys::edit(&mut field.text, key);
        }
    }
}

/// `enter`.
pub fn accept(model: &mut Model) -> Vec<Effect> {
    match &model.overlay {
        Some(Overlay::Chooser(_)) => chooser::accept(model),
        Some(Overlay::Form(_)) => {
            forms::settle_person(model);
            let Some(Overlay::Form(form)) = &mut model.overlay else { return Vec::new() };
            if form.at + 1 < form.fields.len() {
                form.at += 1;
                return Vec::new();
            }
            submit::submit(model)
        }
        Some(Overlay::Dialog(dialog)) => match (&dialog.state, dialog.on_confirm) {
            (DialogState::Ready(_), true) => change::confirm(model),
            (DialogState::Running(_), _) => Vec::new(),
            _ => {
                close(model);
                Vec::new()
            }
        },
        None => Vec::new(),
    }
}

/// `ctrl-s`.
pub fn submit(model: &mut Model) -> Vec<Effect> {
    forms::settle_person(model);
    submit::submit(model)
}

/// `esc`. What is being done goes on. What the daemon would refuse is filled in otherwise.
pub fn close(model: &mut Model) {
    model.overlay = match model.overlay.take() {
        running @ Some(Overlay::Dialog(Dialog { state: DialogState::Running(_), .. })) => running,
        Some(Overlay::Dialog(Dialog { state: DialogState::Refused(_), form: Some(form), .. })) => {
            Some(Overlay::Form(*form))
        }
        _ => None,
    };
}

/// `tab`.
pub fn next_field(model: &mut Model, by: isize) {
    forms::settle_person(model);
    match &mut model.overlay {
        Some(Overlay::Form(Form { at, fields, .. })) => {
            let count = fields.len().max(1).cast_signed();
            *at = (at.cast_signed() + by).rem_euclid(count).cast_unsigned();
        }
        Some(Overlay::Dialog(dialog)) => dialog.on_confirm = !dialog.on_confirm,
        _ => {}
    }
}

/// Keeps the cursor of a list on the screen.
pub fn settle(model: &mut Model, area: Rect) {
    let rows = layout::chooser_rows(area).1.max(1);
    if let Some(Overlay::Chooser(chooser)) = &mut model.overlay {
        chooser.cursor = chooser.cursor.min(chooser.shown.len().saturating_sub(1));
        let lowest = chooser.shown.len().saturating_sub(rows);
        chooser.top =
            chooser.top.clamp((chooser.cursor + 1).saturating_sub(rows), chooser.cursor).min(lowest);
    }
    // People may have been found since.
    if forms::person_wanted(model).is_some() {
        feeds::dirty(model, &[]);
    }
}
