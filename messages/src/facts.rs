//! What a message tells: read from the store at the moment of sending, so a message that was delayed is true when it
//! arrives.

use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, OrganizationId};
use happening_core::wire::{BookingStatus, NotificationType, OrganizationSettings};

/// Everything that a message is made from.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What the notification tells of.
    pub kind: NotificationType,
    /// The notification's own sentence, in English.
    pub text: String,
    /// How many seats the notification is about.
    pub count: Option<u32>,
    /// Whether somebody else booked for the recipient.
    pub by_other: bool,
    /// Who receives the message.
    pub recipient: Recipient,
    /// The event.
    pub event: EventFacts,
    /// The organization that publishes the event.
    pub organization: OrganizationFacts,
    /// The booking, if the notification is about one.
    pub booking: Option<BookingFacts>,
    /// The recipient's seats at the event, of all bookings, ascending.
    pub seats: Vec<u32>,
    /// Whether the recipient ever had seats at the event: only then is there a calendar entry to cancel.
    pub had_seats: bool,
    /// Seats at the event for which the recipient still waits.
    pub waiting: u32,
    /// Addresses.
    pub links: Links,
}

/// Who receives a message.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// How the person is addressed.
    pub name: Option<String>,
    /// The e-mail address.
    pub address: String,
    /// The language that the person prefers, such as `de` or `de-AT`.
    pub language: Option<String>,
}

/// The event of a message.
#[derive(Debug, Clone)]
pub struct EventFacts {
    /// Its id.
    pub id: EventId,
    /// Its name.
    pub name: String,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// When it ends, if that is known.
    pub ends_at: Option<DateTime<Utc>>,
    /// Seats that exist.
    pub capacity: u32,
    /// Whether it will not take place: it is cancelled or deleted.
    pub is_off: bool,
    /// Rises with each change of the event or of a booking.
    pub version: u64,
    /// The last change.
    pub updated_at: DateTime<Utc>,
}

/// The organization of a message.
#[derive(Debug, Clone)]
pub struct OrganizationFacts {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// IANA name of the time zone in which times are written; absent is UTC.
    pub timezone: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// `#rrggbb`; absent is a default.
    pub color: Option<String>,
    /// The language for people of whom none is known.
    pub language: Option<String>,
}

impl OrganizationFacts {
    /// Of an organization and what it decided.
    #[must_use]
    pub fn new(id: OrganizationId, name: String, settings: OrganizationSettings) -> Self {
        let OrganizationSettings { timezone, contact, language, color, .. } = settings;
        Self { id, name, timezone, contact, color, language }
    }
}

/// The booking of a message.
#[derive(Debug, Clone)]
pub struct BookingFacts {
    /// Its id.
    pub id: BookingId,
    /// How it stands.
    pub status: BookingStatus,
    /// Seats that it has or waits for.
    pub size: u32,
    /// Its booked seats, ascending.
    pub seats: Vec<u32>,
    /// While it waits: its place in line, 1 for the head.
    pub place: Option<u32>,
}

/// Addresses in a message.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// Where the event is shown.
    pub event: Option<String>,
    /// Where the recipient turns messages of this kind off.
    pub unsubscribe: Option<String>,
}

impl Links {
    /// To an event, on the pages below `public_url`; without these there is none.
    #[must_use]
    pub fn to_event(public_url: Option<&str>, event: EventId) -> Self {
        let event = public_url.map(|url| format!("{}/events/{event}", url.trim_end_matches('/')));
        Self { event, unsubscribe: None }
    }
}
