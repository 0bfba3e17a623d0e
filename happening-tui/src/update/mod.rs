//! What happens when something happens: the model changes, and effects are asked for. No I/O, no clock: every case can
//! be played through in a test.

mod change;
mod chooser;
mod export;
pub mod feeds;
pub mod forms;
mod go;
mod jobs;
mod keys;
mod live;
mod mouse;
mod moves;
mod overlay;
mod signin;
mod submit;

use crate::effect::{Effect, SignInFrom};
use crate::layout;
use crate::message::Message;
use crate::model::{End, EventScreen, Link, Model, Notice, Pane, Screen, SignInScreen, TOAST};
use crate::trouble::{Trouble, TroubleKind};

/// Errors that are kept; beyond that the oldest go.
const MOST_NOTICES: usize = 20;

/// How long what turns stands still, in milliseconds.
const BEAT_MS: i64 = 250;

/// The effects to begin with.
pub fn start(model: &mut Model) -> Vec<Effect> {
    vec![signin::begin(model, SignInFrom::AtHand)]
}

/// An action was taken, whatever led to it.
#[cfg(test)]
pub fn act(model: &mut Model, action: crate::action::Action) -> Vec<Effect> {
    let effects = keys::perform(model, action);
    settle(model);
    effects
}

/// One thing happened.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    // A stream may tell of a thousand things a second: tables follow with the next tick.
    let is_heard = matches!(message, Message::Heard { .. } | Message::Called(_));
    // Of these, those who take them say whether there is anything new to be seen.
    model.touched |= !matches!(
        message,
        Message::Tick(_) | Message::Heard { .. } | Message::Called(_) | Message::Answered { .. }
    );
    let asks = matches!(message, Message::Tick(_));
    let before = (model.location(), model.signin.is_some());
    let mut effects = dispatch(model, message);
    if !is_heard {
        settle(model);
    }
    if asks || (model.location(), model.signin.is_some()) != before {
        effects.extend(feeds::ask(model));
    }
    effects
}

fn dispatch(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Tick(now) => tick(model, now),
        Message::Key(key) => keys::key(model, key),
        Message::Mouse(event) => mouse::mouse(model, event),
        Message::Paste(text) => overlay::paste(model, &text),
        Message::Resize(width, height) => {
            model.size = (width, height);
            Vec::new()
        }
        Message::SignIn { attempt, step } if attempt == model.attempt => signin::step(model, step),
        Message::Answered { attempt, query, answer } if attempt == model.attempt => {
            feeds::answered(model, query, answer)
        }
        Message::Heard { watch, heard } if watch == 0 || watch == model.watch => {
            if model.signin.is_some() {
                Vec::new()
            } else {
                live::heard(model, watch, heard)
            }
        }
        Message::Foretold { ticket, foretold } => {
            change::foretold(model, ticket, foretold);
            Vec::new()
        }
        Message::Begun { ticket, job } => jobs::begun(model, ticket, *job),
        Message::Done { ticket, command, answer } => change::done(model, ticket, &command, answer),
        Message::SignIn { .. } | Message::Answered { .. } | Message::Heard { .. } => Vec::new(),
        Message::Written(written) => {
            match written {
                Ok(path) => toast(model, format!("Written to {}", crate::text::visible(&path))),
                Err(why) => notice(model, Trouble::new(TroubleKind::Refused, why)),
            }
            Vec::new()
        }
        Message::Called(call) => {
            model.log.push(*call);
            feeds::dirty(model, &[Pane::Log]);
            Vec::new()
        }
        Message::SignedOut(result) => signin::signed_out(model, result),
        Message::Signal(signal) => {
            model.end = Some(End::Signal(signal));
            Vec::new()
        }
    }
}

fn tick(model: &mut Model, now: chrono::DateTime<chrono::Utc>) -> Vec<Effect> {
    let minute = model.minute();
    model.now = now;
    if model.minute() != minute {
        // What begins or ends with the time.
        feeds::dirty(model, &[Pane::Events, Pane::WaitingEvents, Pane::Counters, Pane::PersonBookings]);
    }
    if model.is_animated() {
        model.beat = now.timestamp_millis().div_euclid(BEAT_MS);
    }
    if let Some(event) = &mut model.event {
        event.forget(now);
    }
    if model.toast.as_ref().is_some_and(|(_, until)| *until <= now) {
        model.toast = None;
    }
    signin::tick(model)
}

/// The session is over: sign in anew, and come back to the same screen.
fn signed_out(model: &mut Model, trouble: Trouble) -> Vec<Effect> {
    if model.signin.is_some() {
        return Vec::new();
    }
    model.touched = true;
    model.who = None;
    model.overlay = None;
    (model.stream, model.event_stream) = (Link::Off, Link::Off);
    model.feeds.clear();
    model.signin = Some(SignInScreen { because: Some(trouble.what), ..SignInScreen::default() });
    vec![Effect::Silence, signin::begin(model, SignInFrom::Scratch)]
}

/// An error that stays until it is dismissed. The same one again is only counted.
fn notice(model: &mut Model, trouble: Trouble) {
    model.touched = true;
    let same = model.notices.iter_mut().find(|notice| notice.trouble.what == trouble.what);
    if let Some(notice) = same {
        notice.times = notice.times.saturating_add(1);
        notice.trouble = trouble;
        return;
    }
    model.notices.push(Notice { trouble, times: 1 });
    if model.notices.len() > MOST_NOTICES {
        model.notices.remove(0);
    }
}

/// Something went well: said for a few seconds.
fn toast(model: &mut Model, text: impl Into<String>) {
    model.touched = true;
    model.toast = Some((text.into(), model.now + TOAST));
}

/// Makes rows again where data has changed, and brings scroll positions in line with the data and the size of the
/// terminal, both of which may have changed.
fn settle(model: &mut Model) {
    let moved = std::mem::take(&mut model.moved);
    if !moved.is_empty() {
        feeds::dirty(model, &[Pane::WaitingEvents, Pane::Counters]);
    }
    for pane in model.screen.panes() {
        let before = model.table_of(*pane).and_then(|table| table.key().cloned());
        // In the order of the panes: some show what belongs to the row under the cursor of the one before.
        model.touched |= if model.dirty.remove(pane) {
            let rows = crate::model::rows::make(model, *pane);
            model.tables.get_mut(pane).is_some_and(|table| table.set(rows))
        } else if *pane == Pane::Events && !moved.is_empty() {
            let rows = crate::model::rows::of_events(model, &moved);
            model.tables.get_mut(pane).is_some_and(|table| table.replace(rows))
        } else {
            false
        };
        if model.table_of(*pane).and_then(|table| table.key()) != before.as_ref() {
            moves::follow(model, *pane);
        }
    }
    if !moved.is_empty() && !model.screen.panes().contains(&Pane::Events) {
        feeds::dirty(model, &[Pane::Events]);
    }
    let area = layout::terminal(model);
    let body = layout::body(model, area);
    for (pane, rect) in &body.panes {
        if let Some(table) = model.tables.get_mut(pane) {
            table.settle(usize::from(layout::rows(*rect).height));
        }
    }
    if let (Screen::Event, Some(rect), Some(event)) = (model.screen, body.pane(Pane::Seats), &mut model.event)
    {
        let grid = layout::Grid::new(event.seats.len(), layout::inside(rect), event.zoom);
        EventScreen::settle(event, &grid);
    }
    overlay::settle(model, area);
}
