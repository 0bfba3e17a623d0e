//! Signing in: attempts, their steps, and trying again; signing out.

use super::{go, notice, toast};
use crate::effect::{Effect, SignInFrom};
use crate::model::{Data, Model, SignInScreen, SignInState, SignInStep};
use crate::trouble::{Trouble, TroubleKind};
use chrono::TimeDelta;

/// How long to wait before a daemon that is away is asked again.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(2);

/// A new attempt; what an earlier one still says is not heard any more.
pub fn begin(model: &mut Model, from: SignInFrom) -> Effect {
    model.attempt = model.attempt.wrapping_add(1);
    let signin = model.signin.get_or_insert_default();
    signin.from = from;
    // A failure stays on the screen until the next attempt knows better: no flicker while the daemon is away.
    if !matches!(signin.state, SignInState::Failed(..)) {
        signin.state = SignInState::Looking;
    }
    Effect::SignIn { attempt: model.attempt, from }
}

/// The person wants another try.
pub fn retry(model: &mut Model) -> Vec<Effect> {
    let Some(signin) = &mut model.signin else {
        return Vec::new();
    };
    let from = match &signin.state {
        SignInState::Failed(Trouble { kind: TroubleKind::Away, .. }, _) => signin.from,
        _ => SignInFrom::Scratch,
    };
    signin.state = SignInState::Looking;
    vec![begin(model, from)]
}

/// Time went on.
pub fn tick(model: &mut Model) -> Vec<Effect> {
    let Some(signin) = &mut model.signin else {
        return Vec::new();
    };
    let SignInState::Failed(Trouble { kind: TroubleKind::Away, .. }, again) = &mut signin.state else {
        return Vec::new();
    };
    if again.is_none_or(|again| model.now < again) {
        return Vec::new();
    }
    *again = None;
    model.beat += 1;
    let from = signin.from;
    vec![begin(model, from)]
}

/// The attempt went on.
pub fn step(model: &mut Model, step: SignInStep) -> Vec<Effect> {
    let Some(signin) = &mut model.signin else {
        return Vec::new();
    };
    signin.state = match step {
        SignInStep::Code(code) => SignInState::Waiting(code),
        SignInStep::Denied => SignInState::Denied,
        SignInStep::Expired => SignInState::Expired,
        SignInStep::Failed(trouble) => SignInState::Failed(trouble, Some(model.now + AGAIN_AFTER)),
        SignInStep::SignedIn { who, warning } => {
            model.signin = None;
            let names = who.roles.iter().map(|(id, name, _)| (*id, name.clone()));
            model.data.names.extend(names);
            let is_staff = who.is_staff();
            // Who may not look for people has their own bookings there.
            if !who.searches() && model.people_wanted.is_empty() {
                model.people_wanted = who.user.map(|id| id.to_string()).unwrap_or_default();
            }
            model.who = Some(*who);
            model.feeds.clear();
            if let Some(warning) = warning {
                notice(model, Trouble::new(TroubleKind::Warning, warning));
            }
            let mut effects = Vec::new();
            if is_staff {
                effects.push(Effect::WatchEverything);
            }
            if let Some(event) = model.event.as_ref().map(|event| event.id) {
                effects.push(go::watch_event(model, event));
            }
            return effects;
        }
    };
    Vec::new()
}

/// The person was signed out.
pub fn signed_out(model: &mut Model, result: Result<(), Trouble>) -> Vec<Effect> {
    if let Err(trouble) = result {
        notice(model, trouble);
        return Vec::new();
    }
    forget(model);
    model.signin = Some(SignInScreen::default());
    toast(model, "Signed out");
    vec![Effect::Silence, begin(model, SignInFrom::Scratch)]
}

/// Forgets what one person, or one daemon, has shown.
pub fn forget(model: &mut Model) {
    model.who = None;
    model.data = Data::default();
    model.feeds.clear();
    model.event = None;
    model.overlay = None;
    (model.undo, model.job) = (None, None);
    model.people_wanted.clear();
    model.trail = crate::model::Trail::default();
    model.series = crate::model::Series::default();
    (model.stream, model.event_stream) = (crate::model::Link::Off, crate::model::Link::Off);
    if model.screen == crate::model::Screen::Event {
        model.screen = crate::model::Screen::Events;
    }
    for (pane, table) in &mut model.tables {
        *table = crate::model::Table::new(crate::model::rows::columns(*pane));
    }
    model.dirty.extend(crate::model::Pane::TABLES);
}
