//! The one registry of what a person can do. It is asked which key does what, and the footer, the menu and the palette are
//! made from it, so that none of them can promise what does nothing.
//!
//! Add an action: a variant of [`Action`], a line in [`BINDINGS`], its arm in [`crate::update`].

mod key;
mod registry;
mod rights;

pub use key::{Key, Keymap};
pub use registry::BINDINGS;
pub use rights::on_a_service_account;

use crate::model::{Context, Model, Pane, Screen};
use crossterm::event::KeyEvent;

/// What a person can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Go to a screen.
    Go(Screen),
    /// Show everything that there is to do and to go to.
    Palette,
    /// Show what can be done here.
    Menu,
    /// Take something away, or go back.
    Leave,
    /// Go back to where one was.
    Back,
    /// Go where one went back from.
    Forward,
    /// Go to the next pane.
    NextPane,
    /// Go to the pane before.
    PreviousPane,
    /// Ask the daemon now.
    Refresh,
    /// Take the oldest error away.
    Dismiss,
    /// Take the last change back.
    Undo,
    /// Another theme.
    Theme,
    /// Whose the mouse is.
    Mouse,
    /// Stop, until the shell goes on with it.
    Suspend,
    /// Sign out.
    SignOut,
    /// Go to another daemon.
    Contexts,
    /// End.
    Quit,
    /// End, from wherever one is.
    Abort,
    /// Sign in again.
    Retry,
    /// One up.
    Up,
    /// One down.
    Down,
    /// One to the left.
    Left,
    /// One to the right.
    Right,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// To the beginning.
    Top,
    /// To the end.
    Bottom,
    /// Open what is under the cursor.
    Open,
    /// Type a filter.
    Filter,
    /// Keep the filter and go on.
    KeepFilter,
    /// Show everything again.
    ClearFilter,
    /// Mark a row.
    Mark,
    /// Mark all rows.
    MarkAll,
    /// Choose by which column to sort.
    Sort,
    /// Choose which columns to show.
    Columns,
    /// Write a table to a file.
    Export,
    /// Copy what is under the cursor.
    Copy,
    /// Publish an event.
    NewEvent,
    /// Change an event.
    EditEvent,
    /// Change how many seats it has.
    Capacity,
    /// Pause its sales, or go on with them.
    Pause,
    /// Call it off.
    CallOff,
    /// Take it out of every list.
    DeleteEvent,
    /// Hand it to somebody else.
    Reassign,
    /// Serve its waitlist with what is free.
    Serve,
    /// Show its waitlist.
    ShowWaitlist,
    /// Show its counters.
    Inspect,
    /// Pick a seat.
    Pick,
    /// Pick a range of seats.
    PickRange,
    /// Nearer.
    ZoomIn,
    /// Farther.
    ZoomOut,
    /// Go to a seat.
    Jump,
    /// Show where somebody sits.
    FindSeats,
    /// Book for a person.
    Book,
    /// Cancel a booking.
    Cancel,
    /// Cancel some of its seats.
    CancelSeats,
    /// Give it other seats.
    Move,
    /// Serve a party out of turn.
    Promote,
    /// Show all that a person has.
    ShowPerson,
    /// Look for people.
    FindPeople,
    /// Publish or send something again.
    Again,
    /// Throw something parked away.
    Discard,
    /// Make an event's counters right.
    Heal,
    /// Make everything right.
    HealAll,
    /// Look for other keys.
    FindKeys,
    /// Filter the audit log.
    FindAudit,
    /// Invite somebody.
    Invite,
    /// Set a member's role.
    SetRole,
    /// Remove a member, or revoke an invite.
    Remove,
    /// Suspend a person or an organization, or let them go on.
    SetStatus,
    /// Change what an organization decides.
    EditOrganization,
    /// Hand an organization to another owner.
    Transfer,
    /// Give a service account a role.
    MapServiceAccount,
    /// Stop the charts, or let them follow.
    PauseCharts,
    /// Do what the dialog, form or list offers.
    Accept,
    /// Take a form as it is.
    Submit,
    /// Put it away.
    Close,
    /// Go to the next field or button.
    NextField,
    /// Go to the one before.
    PreviousField,
}

/// Whether an action can be taken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// Yes.
    Ready,
    /// No, for a reason that is told.
    Disabled(&'static str),
    /// No, and there is nothing to tell.
    Hidden,
}

/// Where an action can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On every screen.
    Screens,
    /// In every table.
    Tables,
    /// In one pane.
    Pane(Pane),
    /// On one screen.
    Screen(Screen),
    /// Signing in.
    SignIn,
    /// Typing a filter.
    Filter,
    /// In a dialog.
    Dialog,
    /// In a form.
    Form,
    /// In a list to choose from.
    Chooser,
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
    /// In a sentence, for menu and palette.
    pub about: &'static str,
    /// Where.
    pub places: &'static [Place],
    /// Whether now.
    pub available: fn(&Model) -> Availability,
}

impl Binding {
    /// Its keys, as the person wants them.
    pub fn keys<'a>(&self, model: &'a Model) -> &'a [Key]
    where
        Self: 'static,
    {
        match model.options.keymap.0.get(&self.action.name()) {
            Some(keys) => keys,
            None => self.keys,
        }
    }

    /// Whether it can be taken in this context at all.
    pub fn is_in(&self, context: Context) -> bool {
        self.places.iter().any(|place| match (place, context) {
            (Place::Screens, Context::Pane(..))
            | (Place::SignIn, Context::SignIn)
            | (Place::Filter, Context::Filter)
            | (Place::Dialog, Context::Dialog)
            | (Place::Form, Context::Form)
            | (Place::Chooser, Context::Chooser) => true,
            (Place::Tables, Context::Pane(_, pane)) => !matches!(pane, Pane::Seats | Pane::Charts),
            (Place::Pane(wanted), Context::Pane(_, pane)) => *wanted == pane,
            (Place::Screen(wanted), Context::Pane(screen, _)) => *wanted == screen,
            _ => false,
        })
    }
}

impl Action {
    /// By which the settings know it: `new-event`, `go-redis`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for c in format!("{self:?}").chars() {
            match c {
                '(' => {}
                ')' => break,
                c if c.is_uppercase() => {
                    if !name.is_empty() {
                        name.push('-');
                    }
                    name.push(c.to_ascii_lowercase());
                }
                c => name.push(c),
            }
        }
        name
    }
}

/// What a key does now, if anything; or why it does nothing.
pub fn find(model: &Model, event: KeyEvent) -> Option<Result<Action, &'static str>> {
    let mut reason = None;
    for binding in in_context(model.context()) {
        if !binding.keys(model).iter().any(|key| key.is(event)) {
            continue;
        }
        match (binding.available)(model) {
            Availability::Ready => return Some(Ok(binding.action)),
            Availability::Disabled(why) => reason = Some(Err(why)),
            Availability::Hidden => {}
        }
    }
    reason
}

/// What can be done in a context, whether now or not.
pub fn in_context(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.is_in(context))
}
