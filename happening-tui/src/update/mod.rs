//! What happens when something happens: the model changes, and effects are asked for. No I/O, no clock: every case can
//! be played through in a test.

mod event;
mod events;
mod keys;
mod signin;

use crate::effect::{Effect, SignInFrom, Subject};
use crate::layout;
use crate::message::{Message, Snapshot};
use crate::model::{End, Model, Notice, Place, SignInScreen};
use crate::trouble::{Trouble, TroubleKind};

/// Errors that are kept; beyond that the oldest go.
const MOST_NOTICES: usize = 20;

/// The effects to begin with.
pub fn start(model: &mut Model) -> Vec<Effect> {
    vec![signin::begin(model, SignInFrom::AtHand)]
}

/// One thing happened.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let effects = match message {
        Message::Tick(now) => {
            model.now = now;
            signin::tick(model)
        }
        Message::Key(key) => keys::key(model, key),
        Message::Paste(text) => keys::paste(model, &text),
        Message::Resize(width, height) => {
            model.size = (width, height);
            Vec::new()
        }
        Message::SignIn { attempt, step } if attempt == model.attempt => signin::step(model, step),
        Message::Fresh { watch, snapshot } if watch == model.watch => fresh(model, snapshot),
        Message::Stale { watch, trouble } if watch == model.watch => stale(model, trouble),
        Message::SignIn { .. } | Message::Fresh { .. } | Message::Stale { .. } => Vec::new(),
        Message::Organizations(names) => {
            model.organizations.extend(names);
            model.events.refilter(&model.organizations);
            Vec::new()
        }
        Message::Signal(signal) => {
            model.end = Some(End::Signal(signal));
            Vec::new()
        }
    };
    settle(model);
    effects
}

/// Watches what the screen shows, from now on.
fn watch(model: &mut Model) -> Effect {
    model.watch = model.watch.wrapping_add(1);
    let subject = match (&model.event, model.place) {
        (Some(event), Place::Event) => Subject::Event(event.event.id),
        _ => Subject::Events,
    };
    Effect::Watch { watch: model.watch, subject }
}

fn fresh(model: &mut Model, snapshot: Snapshot) -> Vec<Effect> {
    match snapshot {
        Snapshot::Events(events) => events::see(model, events),
        Snapshot::Event(snapshot) => {
            event::see(model, *snapshot);
            Vec::new()
        }
    }
}

fn stale(model: &mut Model, trouble: Trouble) -> Vec<Effect> {
    match trouble.kind {
        TroubleKind::SignedOut => return signed_out(model, trouble),
        TroubleKind::Gone if model.place == Place::Event => return event::gone(model, trouble),
        TroubleKind::Away => {}
        TroubleKind::Gone | TroubleKind::Refused | TroubleKind::Warning => notice(model, trouble.clone()),
    }
    match (&mut model.event, model.place) {
        (Some(event), Place::Event) => event.fresh.trouble = Some(trouble),
        _ => model.events.fresh.trouble = Some(trouble),
    }
    Vec::new()
}

/// The session is over: sign in anew, and come back to the same screen.
fn signed_out(model: &mut Model, trouble: Trouble) -> Vec<Effect> {
    model.watch = model.watch.wrapping_add(1);
    model.who = None;
    model.signin = Some(SignInScreen { because: Some(trouble.what), ..SignInScreen::default() });
    vec![Effect::Unwatch, signin::begin(model, SignInFrom::Scratch)]
}

/// An error that stays until it is dismissed. The same one again is only counted.
fn notice(model: &mut Model, trouble: Trouble) {
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

/// Brings scroll positions in line with the data and the size of the terminal, both of which may have changed.
fn settle(model: &mut Model) {
    let area = layout::terminal(model);
    let body = layout::body(model, area);
    model.events.settle(usize::from(layout::rows(body).height));
    event::settle(model, body, layout::shape(area));
    if let Some(top) = model.help {
        let most = crate::view::help::lines(model, area).len().saturating_sub(layout::help_rows(area));
        model.help = Some(top.min(most));
    }
}
