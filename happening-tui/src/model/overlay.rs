//! What lies over the screen and has the keys: a dialog, a form, or a list to choose from.

use super::{Pane, Screen};
use crate::action::Action;
use crate::command::Command;
use crate::feed::AuditWanted;
use crate::trouble::Trouble;
use happening_core::id::{BookingId, EventId, OrganizationId, UserId};
use happening_core::wire::{ResizePlan, TooLarge, WouldBePromoted};
use serde_json::Value;

/// What lies over the screen.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// What will happen, and whether it shall.
    Dialog(Dialog),
    /// Something to fill in.
    Form(Form),
    /// Something to choose from.
    Chooser(Chooser),
}

/// A dialog about changes.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// By which answers find it.
    pub ticket: u32,
    /// What is to be done.
    pub commands: Vec<Command>,
    /// How far it is.
    pub state: DialogState,
    /// Whether the cursor is on the button that does it. It rests on Cancel.
    pub on_confirm: bool,
    /// What was filled in for it: where the daemon would refuse, one goes back there.
    pub form: Option<Box<Form>>,
}

/// How far a dialog is.
#[derive(Debug, Clone)]
pub enum DialogState {
    /// The daemon tries it.
    Trying,
    /// This would happen.
    Ready(Foretold),
    /// The daemon would refuse.
    Refused(Trouble),
    /// It is being done: so many are.
    Running(usize),
}

/// What would happen, as the daemon says.
#[derive(Debug, Default, Clone)]
pub struct Foretold {
    /// The answers that would be given, one for each command.
    pub answers: Vec<Value>,
    /// Commands that would be refused, and why; only where there are several.
    pub refused: Vec<Trouble>,
    /// Who would be served from the waitlist, with what they are called.
    pub promoted: Vec<(String, WouldBePromoted)>,
    /// Who is promoted is not for this person to see.
    pub unseen: bool,
    /// What a resize would do.
    pub plan: Option<ResizePlan>,
    /// Who would wait for more seats than there are then, with what they are called.
    pub too_large: Vec<(String, TooLarge)>,
    /// The commands as they are known now: with the seats that bookings have.
    pub commands: Vec<Command>,
}

/// A form.
#[derive(Debug, Clone)]
pub struct Form {
    /// What it is for.
    pub purpose: Purpose,
    /// What it says on top.
    pub title: String,
    /// What there is to fill in.
    pub fields: Vec<Field>,
    /// Which field has the keys.
    pub at: usize,
    /// What is wrong with it.
    pub error: Option<String>,
    /// The field that was typed into last. In another one, a digit takes the place of the number that stands there.
    pub typed: Option<usize>,
}

/// What a form is for.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// Book at an event.
    Book(EventId),
    /// Publish an event.
    CreateEvent(Vec<(OrganizationId, String)>),
    /// Change an event.
    EditEvent(EventId),
    /// Change how many seats it has.
    Capacity(EventId),
    /// Hand it to somebody else.
    Reassign(EventId),
    /// Cancel some seats of a booking.
    CancelSeats(BookingId),
    /// Give a booking other seats.
    Move(BookingId),
    /// Invite to an organization.
    Invite(OrganizationId),
    /// Set a role.
    Role(OrganizationId, UserId),
    /// Change what an organization decides.
    EditOrganization(OrganizationId),
    /// Hand it to another owner.
    Transfer(OrganizationId),
    /// Give a service account a role there.
    MapServiceAccount(OrganizationId),
    /// Go to a seat.
    Jump(EventId),
    /// Show where somebody sits.
    FindSeats(EventId),
    /// Filter the audit log.
    Audit(AuditWanted),
    /// Look for other keys.
    Keys,
    /// Look for people.
    People,
    /// Write a table to a file.
    Export(Pane),
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// What it is called.
    pub label: &'static str,
    /// What may be in it.
    pub kind: FieldKind,
    /// What is in it.
    pub text: String,
    /// What to write there.
    pub help: &'static str,
}

/// What may be in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// Anything.
    Text,
    /// A number.
    Number,
    /// Numbers of seats: `3, 5-8`.
    Seats,
    /// One of these words.
    Choice(Vec<String>),
    /// A person: found while typing.
    Person(Option<(UserId, String)>),
}

/// A list to choose from.
#[derive(Debug, Clone)]
pub struct Chooser {
    /// What it is.
    pub kind: ChooserKind,
    /// What was typed.
    pub text: String,
    /// Everything that there is.
    pub items: Vec<Item>,
    /// What matches, the best first.
    pub shown: Vec<usize>,
    /// The place under the cursor.
    pub cursor: usize,
    /// The first place on the screen.
    pub top: usize,
}

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChooserKind {
    /// What to do: all that can be done here, with its keys.
    Menu,
    /// What to do, or where to go.
    Palette,
    /// By which column to sort.
    Sort(Pane),
    /// Which columns to show.
    Columns(Pane),
    /// Which daemon.
    Contexts,
}

/// An item of such a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it is.
    pub text: String,
    /// What kind of thing, or its keys.
    pub note: String,
    /// What happens when it is chosen; why nothing can.
    pub then: Result<Then, String>,
}

/// What happens when an item is chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    /// An action.
    Act(Action),
    /// A screen.
    Go(Screen),
    /// An event.
    Event(EventId),
    /// A person.
    Person(UserId, String),
    /// An organization.
    Organization(OrganizationId),
    /// A column.
    Column(usize),
    /// A daemon.
    Context(String),
}

impl Form {
    /// The field that has the keys.
    pub fn field(&self) -> Option<&Field> {
        self.fields.get(self.at)
    }

    /// Whether the number in the field that has the keys gives way to what is typed.
    pub fn gives_way(&self) -> bool {
        let is_number = self.field().is_some_and(|field| matches!(field.kind, FieldKind::Number));
        is_number && self.typed != Some(self.at)
    }

    /// What stands in a field.
    pub fn text(&self, label: &str) -> &str {
        self.fields.iter().find(|field| field.label == label).map_or("", |field| field.text.trim())
    }

    /// The person in the first field for people.
    pub fn person(&self) -> Option<(UserId, String)> {
        self.fields.iter().find_map(|field| match &field.kind {
            FieldKind::Person(person) => person.clone(),
            _ => None,
        })
    }
}

impl Field {
    /// A field for anything.
    pub fn text(label: &'static str, text: impl Into<String>, help: &'static str) -> Self {
        Self { label, kind: FieldKind::Text, text: text.into(), help }
    }

    /// The same for something else.
    #[must_use]
    pub fn of(self, kind: FieldKind) -> Self {
        Self { kind, ..self }
    }

    /// One of some words.
    pub fn choice(label: &'static str, text: &str, words: &[&str], help: &'static str) -> Self {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Self { label, kind: FieldKind::Choice(words), text: text.to_owned(), help }
    }
}
