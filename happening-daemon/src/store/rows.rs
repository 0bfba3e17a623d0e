//! Rows as both databases hold them, and how they become what callers speak.

use super::StoreError;
use chrono::{DateTime, Utc};
use happening_core::booking::{EventState, Party, Terms};
use happening_core::id::{BookingId, EventId, NotificationId, OrganizationId, UserId};
use happening_core::wire::{
    Booking, BookingSeat, BookingWithEvent, Event, Member, Membership, Notification, Organization,
    OrganizationOfUser, QueuedNotification, User, WaitingParty,
};
use sqlx::FromRow;
use std::fmt::Display;
use std::str::FromStr;
use uuid::Uuid;

/// A number as the databases hold it. Nothing here comes near the limit.
pub(super) fn big(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A small number as the databases hold it.
pub(super) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A number that is never negative.
pub(super) fn count(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(0)
}

/// A number that is never negative.
pub(super) fn counter(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A word of a closed set; the column's CHECK admits no other.
pub(super) fn word<T: FromStr>(text: &str) -> Result<T, StoreError>
where
    T::Err: Display,
{
    text.parse().map_err(|error| StoreError::Defect(format!("{error}")))
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Defect(format!("{error}")))
}

/// Rows that become wire types.
pub(super) fn convert<R, T>(rows: Vec<R>) -> Result<Vec<T>, StoreError>
where
    T: TryFrom<R, Error = StoreError>,
{
    rows.into_iter().map(T::try_from).collect()
}

#[derive(FromRow)]
pub(super) struct StateRow {
    total_slots: i32,
    status: String,
    event_date: DateTime<Utc>,
    waitlist_policy: String,
    bypass_limit: i32,
    waitlist_limit: Option<i32>,
    deleted_at: Option<DateTime<Utc>>,
    version: i64,
    next_waiting_number: i64,
    waitlist_passes: String,
}

#[derive(FromRow)]
pub(super) struct HeldRow {
    booking_id: Uuid,
    user_id: Uuid,
    seat_no: i32,
}

#[derive(FromRow)]
pub(super) struct PartyRow {
    id: Uuid,
    user_id: Uuid,
    seats: i32,
    waiting_number: i64,
}

/// The rows of one event, read as of one instant.
pub(super) fn state(
    row: &StateRow,
    held: Vec<HeldRow>,
    waiting: Vec<PartyRow>,
) -> Result<EventState, StoreError> {
    let terms = Terms {
        capacity: count(row.total_slots),
        status: word(&row.status)?,
        starts_at: row.event_date,
        policy: word(&row.waitlist_policy)?,
        bypass_limit: count(row.bypass_limit),
        waitlist_limit: row.waitlist_limit.map(count),
        deleted: row.deleted_at.is_some(),
    };
    EventState::restore(
        terms,
        counter(row.version),
        counter(row.next_waiting_number),
        json(&row.waitlist_passes)?,
        held.into_iter().map(|row| (BookingId(row.booking_id), UserId(row.user_id), count(row.seat_no))),
        waiting.into_iter().map(|row| Party {
            number: counter(row.waiting_number),
            booking: BookingId(row.id),
            user: UserId(row.user_id),
            seats: count(row.seats),
        }),
    )
    .map_err(|seat| StoreError::Defect(format!("seat {seat} is booked twice or beyond the capacity")))
}

#[derive(FromRow)]
pub(super) struct EventViewRow {
    id: Uuid,
    org_id: Uuid,
    created_by: Uuid,
    name: String,
    description: Option<String>,
    category: Option<String>,
    event_date: DateTime<Utc>,
    total_slots: i32,
    available_slots: i32,
    status: String,
    waitlist_policy: String,
    bypass_limit: i32,
    waitlist_limit: Option<i32>,
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
            waiting: count(row.waiting),
            version: counter(row.version),
        })
    }
}

#[derive(FromRow)]
pub(super) struct BookingViewRow {
    pub id: Uuid,
    pub event_id: Uuid,
    pub user_id: Uuid,
    seats: i32,
    pub status: String,
    pub waiting_number: Option<i64>,
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
            waiting_number: row.waiting_number.map(counter),
            created_at: row.created_at,
            updated_at: row.updated_at,
            assigned_seats: None,
        })
    }
}

#[derive(FromRow)]
pub(super) struct BookingWithEventRow {
    booking_id: Uuid,
    event_id: Uuid,
    user_id: Uuid,
    seats: i32,
    status: String,
    waiting_number: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    event_name: String,
    event_description: Option<String>,
    category: Option<String>,
    event_date: DateTime<Utc>,
    total_slots: i32,
    available_slots: i32,
    org_id: Uuid,
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
            waiting_number: row.waiting_number.map(counter),
            created_at: row.created_at,
            updated_at: row.updated_at,
            event_name: row.event_name,
            event_description: row.event_description,
            category: row.category.as_deref().map(word).transpose()?,
            event_date: row.event_date,
            total_slots: count(row.total_slots),
            available_slots: count(row.available_slots),
            org_id: OrganizationId(row.org_id),
        })
    }
}

#[derive(FromRow)]
pub(super) struct BookingSeatRow {
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
pub(super) struct WaitingRow {
    id: Uuid,
    user_id: Uuid,
    username: Option<String>,
    seats: i32,
    waiting_number: i64,
    created_at: DateTime<Utc>,
}

impl WaitingRow {
    pub(super) fn at(self, position: usize) -> WaitingParty {
        WaitingParty {
            position: count(position),
            waiting_number: counter(self.waiting_number),
            booking_id: BookingId(self.id),
            user_id: UserId(self.user_id),
            username: self.username,
            seats: count(self.seats),
            created_at: self.created_at,
        }
    }
}

#[derive(FromRow)]
pub(super) struct NotificationViewRow {
    id: Uuid,
    user_id: Uuid,
    event_id: Option<Uuid>,
    booking_id: Option<Uuid>,
    #[sqlx(rename = "type")]
    kind: String,
    message: String,
    status: String,
    created_at: DateTime<Utc>,
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
            created_at: row.created_at,
        })
    }
}

#[derive(FromRow)]
pub(super) struct QueuedRow {
    id: Uuid,
    user_id: Uuid,
    event_id: Option<Uuid>,
    booking_id: Option<Uuid>,
    #[sqlx(rename = "type")]
    kind: String,
    message: String,
    seats: Option<i32>,
}

impl TryFrom<QueuedRow> for QueuedNotification {
    type Error = StoreError;

    fn try_from(row: QueuedRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: NotificationId(row.id),
            kind: word(&row.kind)?,
            event_id: row.event_id.map(EventId),
            user_id: UserId(row.user_id),
            seats: row.seats.map(count),
            booking_id: row.booking_id.map(BookingId),
            message: row.message,
        })
    }
}

#[derive(FromRow)]
pub(super) struct UserRow {
    id: Uuid,
    keycloak_id: String,
    username: String,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    avatar_url: Option<String>,
    status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId(row.id),
            keycloak_id: row.keycloak_id,
            username: row.username,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            phone: row.phone,
            avatar_url: row.avatar_url,
            status: word(&row.status)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            organizations: None,
        })
    }
}

#[derive(FromRow)]
pub(super) struct MembershipRow {
    organization_id: Uuid,
    role: String,
    organization_name: String,
    keycloak_org_id: Option<String>,
}

impl TryFrom<MembershipRow> for Membership {
    type Error = StoreError;

    fn try_from(row: MembershipRow) -> Result<Self, StoreError> {
        Ok(Self {
            organization_id: OrganizationId(row.organization_id),
            role: word(&row.role)?,
            organization_name: row.organization_name,
            keycloak_org_id: row.keycloak_org_id,
        })
    }
}

#[derive(FromRow)]
pub(super) struct OrganizationRow {
    id: Uuid,
    name: String,
    keycloak_org_id: Option<String>,
    created_at: DateTime<Utc>,
    settings: String,
    member_count: i64,
    owner_username: Option<String>,
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = StoreError;

    fn try_from(row: OrganizationRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: OrganizationId(row.id),
            name: row.name,
            keycloak_org_id: row.keycloak_org_id,
            created_at: row.created_at,
            settings: json(&row.settings)?,
            member_count: count(row.member_count),
            owner_username: row.owner_username,
        })
    }
}

#[derive(FromRow)]
pub(super) struct OrganizationOfUserRow {
    id: Uuid,
    name: String,
    keycloak_org_id: Option<String>,
    created_at: DateTime<Utc>,
    role: String,
    joined_at: DateTime<Utc>,
    member_count: i64,
}

impl TryFrom<OrganizationOfUserRow> for OrganizationOfUser {
    type Error = StoreError;

    fn try_from(row: OrganizationOfUserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: OrganizationId(row.id),
            name: row.name,
            keycloak_org_id: row.keycloak_org_id,
            created_at: row.created_at,
            role: word(&row.role)?,
            joined_at: row.joined_at,
            member_count: count(row.member_count),
        })
    }
}

#[derive(FromRow)]
pub(super) struct MemberRow {
    id: Uuid,
    username: String,
    email: String,
    role: String,
    joined_at: DateTime<Utc>,
    user_created_at: DateTime<Utc>,
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            role: word(&row.role)?,
            joined_at: row.joined_at,
            user_created_at: row.user_created_at,
        })
    }
}
