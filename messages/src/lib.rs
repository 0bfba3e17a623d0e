//! Notifications as messages that people read: a subject, text, HTML, and an entry for their calendar.
//!
//! [`Messages::compose`] turns [`Facts`] into a [`Message`]. It reads no clock and no database, and sends nothing: channels
//! of the daemon do. The wording is in templates (`templates/`), which an installation and an organization may replace
//! ([`Messages::new`]).
//!
//! To add a language: a folder below `templates` with the files of `templates/en`. To add a type of notification: a file
//! of its name in each of the folders.

mod calendar;
mod example;
mod facts;
mod moment;
mod plain;
mod templates;

pub use calendar::{Attendance, Entry, Invitation, Method, calendar};
pub use facts::{BookingFacts, EventFacts, Facts, Links, OrganizationFacts, Recipient};
pub use plain::one_line;
pub use templates::{ComposeError, Messages};

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The language in which it is written, such as `de`.
    pub language: String,
    /// One line without control characters, at most 250 characters.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as a page of HTML.
    pub html: String,
    /// What the message means for the recipient's calendar, if anything.
    pub invitation: Option<Invitation>,
}
