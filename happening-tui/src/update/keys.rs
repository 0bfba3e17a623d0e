//! Keys: first the registry of actions, then, while a filter is typed, its text.

use super::{event, events, signin, watch};
use crate::action::{self, Action};
use crate::effect::Effect;
use crate::model::{Context, End, Model};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// Letters that a filter may have.
const LONGEST_FILTER: usize = 200;

/// A key was pressed.
pub fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if let Some(action) = action::find(model, key) {
        return perform(model, action);
    }
    if model.context() == Context::Filter {
        type_filter(model, key);
    }
    Vec::new()
}

/// Text was pasted: only a filter takes it.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.context() == Context::Filter {
        let pasted = text.chars().filter(|c| !c.is_control());
        let text = model.events.filter.text.chars().chain(pasted).take(LONGEST_FILTER).collect();
        events::filter(model, text);
    }
    Vec::new()
}

fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Open => return events::open(model),
        Action::Back => return event::back(model),
        Action::Retry => return signin::retry(model),
        Action::Refresh => return refresh(model),
        Action::OtherPane => event::other_pane(model),
        Action::Filter => model.events.filter.editing = true,
        Action::KeepFilter => model.events.filter.editing = false,
        Action::ClearFilter => {
            model.events.filter.editing = false;
            events::filter(model, String::new());
        }
        Action::Dismiss => {
            model.notices.remove(0);
        }
        Action::Up => go(model, By::Rows(-1)),
        Action::Down => go(model, By::Rows(1)),
        Action::PageUp => go(model, By::Screens(-1)),
        Action::PageDown => go(model, By::Screens(1)),
        // Far enough for anything, and not so far that it overflows.
        Action::Top => go(model, By::Rows(isize::MIN / 4)),
        Action::Bottom => go(model, By::Rows(isize::MAX / 4)),
        Action::Help => model.help = Some(0),
        Action::CloseHelp => model.help = None,
        Action::Quit | Action::Abort => model.end = Some(End::Quit),
    }
    Vec::new()
}

/// Looks anew at what the screen shows, and asks again for names that were not to be had.
fn refresh(model: &mut Model) -> Vec<Effect> {
    model.organizations.retain(|_, name| name.is_some());
    vec![watch(model)]
}

enum By {
    Rows(isize),
    Screens(isize),
}

fn go(model: &mut Model, by: By) {
    match (model.context(), by) {
        (Context::Help, by) => scroll_help(model, &by),
        (Context::Event, By::Rows(rows)) => event::scroll(model, rows),
        (Context::Event, By::Screens(screens)) => event::page(model, screens),
        (Context::Events, By::Rows(rows)) => events::move_by(model, rows),
        (Context::Events, By::Screens(screens)) => events::page(model, screens),
        (Context::SignIn | Context::Filter, _) => {}
    }
}

fn scroll_help(model: &mut Model, by: &By) {
    let rows = match by {
        By::Rows(rows) => *rows,
        By::Screens(screens) => screens * crate::layout::page(model).cast_signed(),
    };
    if let Some(top) = &mut model.help {
        *top = top.saturating_add_signed(rows);
    }
}

fn type_filter(model: &mut Model, key: KeyEvent) {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let mut text = model.events.filter.text.clone();
    match key.code {
        KeyCode::Char('u') if ctrl => text.clear(),
        KeyCode::Char('w') if ctrl => {
            let kept = text.trim_end().rfind(' ').map_or(0, |space| space + 1);
            text.truncate(kept);
        }
        KeyCode::Char('h') if ctrl => {
            text.pop();
        }
        KeyCode::Backspace if text.is_empty() => model.events.filter.editing = false,
        KeyCode::Backspace => {
            text.pop();
        }
        KeyCode::Char(c) if !ctrl && text.chars().count() < LONGEST_FILTER => text.push(c),
        _ => return,
    }
    events::filter(model, text);
}
