//! Rows that people read.

use super::super::{Participation, ParticipationBooking, StoreError};
use super::{count, counter, json, word};
use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, NotificationId, OrganizationId, UserId};
use happening_core::wire::{
    Booking, BookingSeat, BookingWithEvent, Event, EventStatus, Notification, SeatMap, WaitingParty,
    WaitingPosition,
};
use sqlx::FromRow;
use uuid::Uuid;

#[derive(FromRow)]
pub(in crate::store) struct EventViewRow {
    id: Uuid,
    org_id: Uuid,
    created_by: Uuid,
    name: String,
    description: Option<String>,
    category: Option<String>,
    event_date: DateTime<Utc>,
    event_end: Option<DateTime<Utc>>,
    bookings_close_at: Option<DateTime<Utc>>,
    total_slots: i32,
    available_slots: i32,
    status: String,
    waitlist_policy: String,
    bypass_limit: i32,
    waitlist_limit: Option<i32>,
    max_seats_per_booking: Option<i32>,
    sales_paused: bool,
    waiting: i32,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    organizer_username: Option<String>,
    organizer_first_name: Option<String>,
    organizer_last_name: Option<String>,
    organizer_email: Option<String>,
}

impl TryFrom<EventViewRow> for Event {
    type Error = StoreError;

    fn try_from(row: EventViewRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: EventId(row.id),
            org_id: OrganizationId(row.org_id),
            created_by: UserId(row.created_by),
            name: row.name,
            description: row.description,
            category: row.category.as_deref().map(word).transpose()?,
            event_date: row.event_date,
            event_end: row.event_end,
            bookings_close_at: row.bookings_close_at,
            total_slots: count(row.total_slots),
            available_slots: count(row.available_slots),
            status: word(&row.status)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            organizer_username: row.organizer_username,
            organizer_first_name: row.organizer_first_name,
            organizer_last_name: row.organizer_last_name,
            organizer_email: row.organizer_email,
            waitlist_policy: word(&row.waitlist_policy)?,
            bypass_limit: count(row.bypass_limit),
            waitlist_limit: row.waitlist_limit.map(count),
            max_seats_per_booking: row.max_seats_per_booking.map(count),
            sales_paused: row.sales_paused,
            waiting: count(row.waiting),
            version: counter(row.version),
        })
    }
}

/// An event with its booked seats, which are a list in JSON.
#[derive(FromRow)]
pub(in crate::store) struct SeatMapRow {
    #[sqlx(flatten)]
    event: EventViewRow,
    taken: String,
}

impl TryFrom<SeatMapRow> for SeatMap {
    type Error = StoreError;

    fn try_from(row: SeatMapRow) -> Result<Self, StoreError> {
        let event = Event::try_from(row.event)?;
        Ok(Self { total: event.total_slots, taken: json(&row.taken)?, held: Vec::new(), event: Some(event) })
    }
}

/// A booking with its seats, if it has any, which are a list in JSON.
#[derive(FromRow)]
pub(in crate::store) struct SeatedBookingRow {
    #[sqlx(flatten)]
    booking: BookingViewRow,
    assigned_seats: Option<String>,
}

impl TryFrom<SeatedBookingRow> for Booking {
    type Error = StoreError;

    fn try_from(row: SeatedBookingRow) -> Result<Self, StoreError> {
        let assigned_seats = row.assigned_seats.as_deref().map(json).transpose()?;
        Ok(Self { assigned_seats, ..Self::try_from(row.booking)? })
    }
}

/// Where a booking stands, and what its person has and waits for at the event.
#[derive(FromRow)]
pub(in crate::store) struct PositionRow {
    status: String,
    confirmed: i64,
    pending: i64,
    place: Option<i64>,
    event_status: String,
    event_deleted_at: Option<DateTime<Utc>>,
}

impl TryFrom<PositionRow> for WaitingPosition {
    type Error = StoreError;

    fn try_from(row: PositionRow) -> Result<Self, StoreError> {
        let (confirmed, pending) = (count(row.confirmed), count(row.pending));
        Ok(Self {
            status: word(&row.status)?,
            position: row.place.map(count),
            confirmed_seats: confirmed,
            pending_seats: pending,
            requested_seats: confirmed + pending,
            event_status: Some(word(&row.event_status)?),
            event_deleted: row.event_deleted_at.is_some(),
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct BookingViewRow {
    id: Uuid,
    event_id: Uuid,
    user_id: Uuid,
    seats: i32,
    status: String,
    place: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<BookingViewRow> for Booking {
    type Error = StoreError;

    fn try_from(row: BookingViewRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: BookingId(row.id),
            event_id: EventId(row.event_id),
            user_id: UserId(row.user_id),
            seats: count(row.seats),
            status: word(&row.status)?,
            waiting_number: row.place.map(counter),
            created_at: row.created_at,
            updated_at: row.updated_at,
            assigned_seats: None,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct BookingWithEventRow {
    booking_id: Uuid,
    event_id: Uuid,
    user_id: Uuid,
    seats: i32,
    status: String,
    place: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    event_name: String,
    event_description: Option<String>,
    category: Option<String>,
    event_date: DateTime<Utc>,
    total_slots: i32,
    available_slots: i32,
    org_id: Uuid,
    event_status: String,
    event_deleted_at: Option<DateTime<Utc>>,
}

impl TryFrom<BookingWithEventRow> for BookingWithEvent {
    type Error = StoreError;

    fn try_from(row: BookingWithEventRow) -> Result<Self, StoreError> {
        Ok(Self {
            booking_id: BookingId(row.booking_id),
            event_id: EventId(row.event_id),
            user_id: UserId(row.user_id),
            seats: count(row.seats),
            status: word(&row.status)?,
            waiting_number: row.place.map(counter),
            created_at: row.created_at,
            updated_at: row.updated_at,
            event_name: row.event_name,
            event_description: row.event_description,
            category: row.category.as_deref().map(word).transpose()?,
            event_date: row.event_date,
            total_slots: count(row.total_slots),
            available_slots: count(row.available_slots),
            org_id: OrganizationId(row.org_id),
            event_status: Some(word(&row.event_status)?),
            event_deleted: row.event_deleted_at.is_some(),
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct BookingSeatRow {
    seat_no: i32,
    status: String,
}

impl TryFrom<BookingSeatRow> for BookingSeat {
    type Error = StoreError;

    fn try_from(row: BookingSeatRow) -> Result<Self, StoreError> {
        Ok(Self { seat_no: count(row.seat_no), status: word(&row.status)? })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct WaitingRow {
    id: Uuid,
    user_id: Uuid,
    username: Option<String>,
    seats: i32,
    waiting_number: i64,
    created_at: DateTime<Utc>,
    ahead: i64,
}

impl WaitingRow {
    /// With the number that orders the line. `place` is counted within the page, from 1.
    pub(in crate::store) fn at(self, place: i64) -> (u64, WaitingParty) {
        let place = count(self.ahead + place);
        let party = WaitingParty {
            position: place,
            waiting_number: place.into(),
            booking_id: BookingId(self.id),
            user_id: UserId(self.user_id),
            username: self.username,
            seats: count(self.seats),
            created_at: self.created_at,
        };
        (counter(self.waiting_number), party)
    }
}

#[derive(FromRow)]
pub(in crate::store) struct NotificationViewRow {
    id: Uuid,
    user_id: Uuid,
    event_id: Option<Uuid>,
    booking_id: Option<Uuid>,
    #[sqlx(rename = "type")]
    kind: String,
    message: String,
    status: String,
    booked_by: Option<Uuid>,
    booked_by_username: Option<String>,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

impl TryFrom<NotificationViewRow> for Notification {
    type Error = StoreError;

    fn try_from(row: NotificationViewRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: NotificationId(row.id),
            user_id: UserId(row.user_id),
            event_id: row.event_id.map(EventId),
            booking_id: row.booking_id.map(BookingId),
            kind: word(&row.kind)?,
            message: row.message,
            status: word(&row.status)?,
            booked_by: row.booked_by.map(UserId),
            booked_by_username: row.booked_by_username,
            created_at: row.created_at,
            read_at: row.read_at,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct ParticipationRow {
    email: String,
    first_name: Option<String>,
    username: String,
    event_name: String,
    event_date: DateTime<Utc>,
    event_end: DateTime<Utc>,
    total_slots: i32,
    event_status: String,
    deleted_at: Option<DateTime<Utc>>,
    version: i64,
    updated_at: DateTime<Utc>,
    organization_id: Uuid,
    organization_name: String,
    settings: String,
    booking_id: Option<Uuid>,
    status: Option<String>,
    seats: Option<i32>,
    place: Option<i64>,
    assigned_seats: Option<String>,
    had_seats: bool,
}

/// One row for each booking; one without a booking where there is none.
pub(in crate::store) fn participation(
    rows: Vec<ParticipationRow>,
) -> Result<Option<Participation>, StoreError> {
    let bookings = rows.iter().filter_map(|row| participation_booking(row).transpose());
    let bookings = bookings.collect::<Result<Vec<_>, StoreError>>()?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    Ok(Some(Participation {
        email: row.email,
        first_name: row.first_name,
        username: row.username,
        event_name: row.event_name,
        starts_at: row.event_date,
        ends_at: row.event_end,
        capacity: count(row.total_slots),
        is_off: row.deleted_at.is_some() || word::<EventStatus>(&row.event_status)? == EventStatus::Cancelled,
        version: counter(row.version),
        updated_at: row.updated_at,
        organization: OrganizationId(row.organization_id),
        organization_name: row.organization_name,
        settings: json(&row.settings)?,
        bookings,
    }))
}

fn participation_booking(row: &ParticipationRow) -> Result<Option<ParticipationBooking>, StoreError> {
    let (Some(id), Some(status)) = (row.booking_id, &row.status) else { return Ok(None) };
    Ok(Some(ParticipationBooking {
        id: BookingId(id),
        status: word(status)?,
        size: count(row.seats.unwrap_or(0)),
        seats: row.assigned_seats.as_deref().map(json).transpose()?.unwrap_or_default(),
        had_seats: row.had_seats,
        place: row.place.map(count),
    }))
}
