//! Events.

use super::present::present;
use super::{EventStatus, WaitlistPolicy};
use crate::id::{EventId, OrganizationId, UserId};
use crate::string_enum::string_enum;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

string_enum! {
    /// What kind of event it is.
    Category {
        /// Online, seats are admissions.
        Webinar = "webinar",
        /// On stage.
        Concert = "concert",
        /// People build things.
        Hackathon = "hackathon",
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The organization that publishes it.
    pub org_id: OrganizationId,
    /// Its organizer.
    pub created_by: UserId,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Its kind.
    pub category: Option<Category>,
    /// When it starts.
    pub event_date: DateTime<Utc>,
    /// When it ends; absent from a daemon that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_end: Option<DateTime<Utc>>,
    /// Until when it takes bookings; absent: until it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bookings_close_at: Option<DateTime<Utc>>,
    /// Seats that exist.
    pub total_slots: u32,
    /// Seats that nobody has.
    pub available_slots: u32,
    /// Where it is in its life.
    pub status: EventStatus,
    /// When it was published.
    pub created_at: DateTime<Utc>,
    /// When it or one of its bookings last changed.
    pub updated_at: DateTime<Utc>,
    /// The organizer's username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizer_username: Option<String>,
    /// The organizer's first name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizer_first_name: Option<String>,
    /// The organizer's last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizer_last_name: Option<String>,
    /// The organizer's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizer_email: Option<String>,
    /// How its waitlist is served.
    pub waitlist_policy: WaitlistPolicy,
    /// How often a smaller party may pass the head of a `whole` waitlist.
    pub bypass_limit: u32,
    /// How many parties may wait; absent: no limit.
    pub waitlist_limit: Option<u32>,
    /// The most seats that one booking may have; absent: the limit of the installation.
    pub max_seats_per_booking: Option<u32>,
    /// Whether new bookings are refused for the time being.
    #[serde(default)]
    pub sales_paused: bool,
    /// How many parties wait.
    pub waiting: u32,
    /// Counts the commits on this event.
    pub version: u64,
}

/// `GET /events`: which ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsQuery {
    /// Of this organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<OrganizationId>,
    /// Of this organizer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<UserId>,
    /// Where they are in their life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<EventStatus>,
    /// Whose name contains this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// A page of so many, 1 to 5,000; default all, up to 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended, from its `Link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `POST /events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateEvent {
    /// The organization; the caller is organizer or orgAdmin there.
    pub org_id: OrganizationId,
    /// Its organizer; absent is the caller. An orgAdmin or operator may name any organizer or orgAdmin of the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<UserId>,
    /// 1 to 255 characters.
    pub name: String,
    /// Up to 10,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// RFC 3339, or without an offset (`2026-12-01T19:00`): then in the organization's time zone.
    pub event_date: String,
    /// When it ends, after it starts; written like `event_date`. Default: as long after the start as the organization's
    /// setting `event_minutes` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_end: Option<String>,
    /// Until when it takes bookings; written like `event_date`. Default: until it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bookings_close_at: Option<String>,
    /// 1 to 1,000,000.
    pub total_slots: u32,
    /// Default `split`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waitlist_policy: Option<WaitlistPolicy>,
    /// Default 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bypass_limit: Option<u32>,
    /// Default: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waitlist_limit: Option<u32>,
    /// The most seats that one booking may have, at least 1. Default: the limit of the installation, above which it
    /// cannot be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_seats_per_booking: Option<u32>,
}

/// `PUT /events/:id`: what is absent stays, `null` clears what may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateEvent {
    /// The caller's own id, as the web client sends it. No field of the event: `null` is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// 1 to 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub name: Option<String>,
    /// Up to 10,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub description: Option<Option<String>>,
    /// Its kind.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub category: Option<Option<Category>>,
    /// As in [`CreateEvent`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub event_date: Option<String>,
    /// As in [`CreateEvent`]; `null` is the default. If only the start moves, the end moves with it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub event_end: Option<Option<String>>,
    /// As in [`CreateEvent`]; `null` is until the event starts. An event that is set to `ongoing` takes bookings until it
    /// ends, unless this says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub bookings_close_at: Option<Option<String>>,
    /// Not below the highest booked seat; more seats serve the waitlist.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub total_slots: Option<u32>,
    /// Where it is in its life.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub status: Option<EventStatus>,
    /// How its waitlist is served.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub waitlist_policy: Option<WaitlistPolicy>,
    /// How often a smaller party may pass the head under `whole`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub bypass_limit: Option<u32>,
    /// How many parties may wait; `null` for any number.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub waitlist_limit: Option<Option<u32>>,
    /// The most seats that one booking may have; `null` leaves the limit of the installation.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub max_seats_per_booking: Option<Option<u32>>,
    /// Whether new bookings and holds are refused for the time being; the waitlist and cancellations go on.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub sales_paused: Option<bool>,
}

/// `POST /events/:id/reassign`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReassignEvent {
    /// The organizer who takes over.
    pub new_created_by: UserId,
    /// The caller's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<UserId>,
}

/// `GET /events/:id/seats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatMap {
    /// Seats that exist, numbered from 1.
    pub total: u32,
    /// Booked seats, ascending.
    pub taken: Vec<u32>,
    /// Seats that somebody is picking right now, ascending.
    pub held: Vec<u32>,
    /// The event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
}

/// One waiting party, `GET /events/:id/waitlist`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingParty {
    /// Place in line, 1 for the head.
    pub position: u32,
    /// The same as `position`.
    pub waiting_number: u64,
    /// The waiting booking.
    pub booking_id: crate::id::BookingId,
    /// Whose it is.
    pub user_id: UserId,
    /// The person's username.
    pub username: Option<String>,
    /// Seats still wanted.
    pub seats: u32,
    /// When the party joined.
    pub created_at: DateTime<Utc>,
}
