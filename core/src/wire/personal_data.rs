//! All that is stored about a person.

use super::{AuditRecord, BookingSeat, BookingWithEvent, Event, Invite, Membership, Notification, User};
use crate::id::UserId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// `GET /users/:id/export`: whole lists, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonalData {
    /// As of when.
    pub exported_at: DateTime<Utc>,
    /// Who they are.
    pub user: User,
    /// Where they are members.
    pub memberships: Vec<Membership>,
    /// What they organize, deleted events too.
    #[serde(default)]
    pub events: Vec<Event>,
    /// What they booked.
    pub bookings: Vec<ExportedBooking>,
    /// Their notifications.
    pub notifications: Vec<Notification>,
    /// Whom they invited.
    pub invites_sent: Vec<Invite>,
    /// To what they were invited: what they answered, and what waits for an address that they proved to have.
    pub invites_received: Vec<Invite>,
    /// What they did.
    pub audit: Vec<AuditRecord>,
    /// What others did to them, without the network addresses and requests of these.
    #[serde(default)]
    pub audit_about: Vec<AuditRecord>,
}

/// A booking with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedBooking {
    /// The booking.
    #[serde(flatten)]
    pub booking: BookingWithEvent,
    /// Every seat that it has or had.
    pub seat_numbers: Vec<BookingSeat>,
    /// What happened to it, in order.
    pub history: Vec<BookingStep>,
}

/// Something that happened to a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingStep {
    /// What, such as `booked` or `cancelled`.
    pub action: String,
    /// How many seats it was about.
    pub seats: u32,
    /// Why.
    pub reason: Option<String>,
    /// Who did it; absent: the rules of the waitlist.
    pub actor_id: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
}
