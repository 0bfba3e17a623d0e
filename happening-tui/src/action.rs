//! The one registry of what a person can do. It is asked which key does what, and the footer and the help are made
//! from it, so that neither can promise a key that does nothing.
//!
//! Add an action: a variant of [`Action`], a line in [`BINDINGS`], its arm in [`crate::update`].

use crate::model::{Context, Model, SignInState};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a person can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Open the event under the cursor.
    Open,
    /// Leave the event.
    Back,
    /// Go to the other pane.
    OtherPane,
    /// Type a filter.
    Filter,
    /// Keep the filter and go on.
    KeepFilter,
    /// Show everything again.
    ClearFilter,
    /// Sign in again.
    Retry,
    /// Look anew, now.
    Refresh,
    /// Take the oldest error away.
    Dismiss,
    /// One up.
    Up,
    /// One down.
    Down,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// To the beginning.
    Top,
    /// To the end.
    Bottom,
    /// Show the help.
    Help,
    /// Put the help away.
    CloseHelp,
    /// End.
    Quit,
    /// End, from wherever one is.
    Abort,
}

/// Whether an action can be taken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// Yes.
    Ready,
    /// No, for a reason that the help tells.
    Disabled(&'static str),
    /// No, and there is nothing to tell.
    Hidden,
}

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// An action, its keys, where it can be taken, and what to say of it.
#[derive(Debug)]
pub struct Binding {
    /// The action.
    pub action: Action,
    /// Its keys, the one to show first.
    pub keys: &'static [Key],
    /// In a word, for the footer; empty keeps it out of there.
    pub hint: &'static str,
    /// In a sentence, for the help.
    pub about: &'static str,
    /// Where.
    pub contexts: &'static [Context],
    /// Whether now.
    pub available: fn(&Model) -> Availability,
}

const fn key(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: false }
}

const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: true }
}

const fn code(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

const fn bind(
    action: Action,
    keys: &'static [Key],
    hint: &'static str,
    about: &'static str,
    contexts: &'static [Context],
    available: fn(&Model) -> Availability,
) -> Binding {
    Binding { action, keys, hint, about, contexts, available }
}

const SCREENS: &[Context] = &[Context::Events, Context::Event];
const BROWSING: &[Context] = &[Context::Events, Context::Event, Context::SignIn];
const MOVING: &[Context] = &[Context::Events, Context::Event, Context::Help];
const ANYWHERE: &[Context] =
    &[Context::Events, Context::Event, Context::SignIn, Context::Filter, Context::Help];

/// Every action; within a context, the footer's order.
#[rustfmt::skip]
pub static BINDINGS: &[Binding] = &[
    bind(Action::Retry, &[key('r')], "sign in again", "Try to sign in again, with a new code", &[Context::SignIn], can_retry),
    bind(Action::Open, &[code(KeyCode::Enter), code(KeyCode::Right), key('l')], "open", "Open the event under the cursor", &[Context::Events], on_an_event),
    bind(Action::Back, &[code(KeyCode::Esc), code(KeyCode::Backspace), code(KeyCode::Left), key('h')], "back", "Go back to the list", &[Context::Event], always),
    bind(Action::OtherPane, &[code(KeyCode::Tab), code(KeyCode::BackTab)], "switch", "Go to the other pane", &[Context::Event], always),
    bind(Action::Filter, &[key('/')], "filter", "Filter by name, organization, kind or status: a regular expression, `!` in front turns it around", &[Context::Events], always),
    bind(Action::KeepFilter, &[code(KeyCode::Enter), code(KeyCode::Down)], "keep", "Keep the filter", &[Context::Filter], always),
    bind(Action::ClearFilter, &[code(KeyCode::Esc)], "show all", "Take the filter away", &[Context::Filter, Context::Events], filtered),
    bind(Action::Refresh, &[key('r'), code(KeyCode::F(5))], "refresh", "Look anew, now", SCREENS, always),
    bind(Action::Dismiss, &[key('x')], "dismiss", "Take the oldest error away", BROWSING, with_errors),
    bind(Action::Down, &[key('j'), code(KeyCode::Down)], "", "One down", MOVING, always),
    bind(Action::Up, &[key('k'), code(KeyCode::Up)], "", "One up", MOVING, always),
    bind(Action::PageDown, &[code(KeyCode::PageDown), ctrl('f'), key(' ')], "", "One screen down", MOVING, always),
    bind(Action::PageUp, &[code(KeyCode::PageUp), ctrl('b')], "", "One screen up", MOVING, always),
    bind(Action::Top, &[key('g'), code(KeyCode::Home)], "", "To the beginning", MOVING, always),
    bind(Action::Bottom, &[key('G'), code(KeyCode::End)], "", "To the end", MOVING, always),
    bind(Action::Help, &[key('?'), code(KeyCode::F(1))], "help", "Show what every key does", BROWSING, always),
    bind(Action::CloseHelp, &[code(KeyCode::Esc), key('?'), key('q')], "close", "Put the help away", &[Context::Help], always),
    bind(Action::Quit, &[key('q')], "quit", "Quit", BROWSING, always),
    bind(Action::Abort, &[ctrl('c')], "", "Quit, from wherever you are", ANYWHERE, always),
];

/// What a key does now, if anything.
pub fn find(model: &Model, event: KeyEvent) -> Option<Action> {
    let context = model.context();
    in_context(context)
        .find(|binding| {
            binding.keys.iter().any(|key| key.is(event)) && (binding.available)(model) == Availability::Ready
        })
        .map(|binding| binding.action)
}

/// What can be done in a context, whether now or not.
pub fn in_context(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.contexts.contains(&context))
}

impl Key {
    fn is(self, event: KeyEvent) -> bool {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META);
        self.code == event.code && self.ctrl == ctrl && !alt
    }

    /// As it is shown.
    pub fn label(self) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "space".to_owned(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::Enter => "enter".to_owned(),
            KeyCode::Esc => "esc".to_owned(),
            KeyCode::Tab => "tab".to_owned(),
            KeyCode::BackTab => "shift-tab".to_owned(),
            KeyCode::Backspace => "backspace".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::PageUp => "pgup".to_owned(),
            KeyCode::PageDown => "pgdn".to_owned(),
            KeyCode::Home => "home".to_owned(),
            KeyCode::End => "end".to_owned(),
            KeyCode::F(n) => format!("f{n}"),
            other => other.to_string().to_ascii_lowercase(),
        };
        if self.ctrl { format!("ctrl-{name}") } else { name }
    }
}

fn always(_: &Model) -> Availability {
    Availability::Ready
}

fn on_an_event(model: &Model) -> Availability {
    if model.events.shown.is_empty() { Availability::Disabled("no event here") } else { Availability::Ready }
}

fn filtered(model: &Model) -> Availability {
    let filter = &model.events.filter;
    if filter.editing || filter.is_active() { Availability::Ready } else { Availability::Hidden }
}

fn with_errors(model: &Model) -> Availability {
    if model.notices.is_empty() { Availability::Disabled("no errors") } else { Availability::Ready }
}

fn can_retry(model: &Model) -> Availability {
    match model.signin.as_ref().map(|signin| &signin.state) {
        Some(SignInState::Looking) => Availability::Disabled("a sign-in is under way"),
        Some(_) => Availability::Ready,
        None => Availability::Hidden,
    }
}
