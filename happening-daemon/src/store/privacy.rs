//! What the law lets a person ask for: all that is stored about them, and to be forgotten.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, OrganizationId, UserId};
use happening_core::wire::PersonalData;
use sha2::{Digest as _, Sha256};

/// Why a person cannot be erased yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureConflict {
    /// An organization with other members would be left without an orgAdmin.
    LastOrgAdmin(OrganizationId),
    /// An organization of theirs alone has so many events that are still to take place.
    UpcomingEvents(OrganizationId, u32),
}

/// A booking that still takes seats, or waits for some, at an event that is still to take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenBooking {
    /// The booking.
    pub booking: BookingId,
    /// Its event.
    pub event: EventId,
    /// Whose it is.
    pub user: UserId,
}

/// How somebody is erased.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// Who.
    pub user: UserId,
    /// [`subject_hash`] of their `sub`: their tokens from before are refused.
    pub subject_hash: String,
    /// Their address in lower case, if they proved to have it: open invites to it are theirs.
    pub email: Option<String>,
    /// Whether the account at the issuer goes too.
    pub account: bool,
}

/// What is left of whoever was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastErasure {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether they were suspended then: whoever comes back with this `sub` is suspended again.
    pub suspended: bool,
}

/// By what an erased person's `sub` is remembered: its SHA-256 in hexadecimal.
pub fn subject_hash(subject: &str) -> String {
    format!("{:x}", Sha256::digest(subject))
}

/// The side of the store that the law asks for.
#[async_trait]
pub trait Privacy: Send + Sync {
    /// All that is stored about a person, as of one instant; that it was handed out is written down. Invites that they did
    /// not answer are theirs by `email`, in lower case, if they proved to have that address.
    async fn export_user(
        &self,
        user: UserId,
        email: Option<&str>,
        by: &Actor,
    ) -> Result<Option<PersonalData>, StoreError>;

    /// What keeps a person from being erased.
    async fn find_erasure_conflict(
        &self,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Option<ErasureConflict>, StoreError>;

    /// Anonymizes a person, ends their memberships and closes the organizations of theirs alone, in one commit. Bookings
    /// stay, under the anonymous row. Whatever stands in the way is returned, and nothing done. Twice is harmless.
    async fn erase_user(&self, erasure: &Erasure, by: &Actor) -> Result<Option<ErasureConflict>, StoreError>;

    /// How the person with this subject was erased last, if tokens from before may still live or they were suspended.
    async fn find_erasure(&self, subject_hash: &str) -> Result<Option<PastErasure>, StoreError>;

    /// Forgets the subjects of people erased before `before`, but of those who were suspended.
    async fn forget_erasures(&self, before: DateTime<Utc>) -> Result<(), StoreError>;

    /// The open bookings of a user.
    async fn list_open_bookings(
        &self,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Vec<OpenBooking>, StoreError>;

    /// The open bookings of people erased since `since`: made while they were being erased.
    async fn list_abandoned_bookings(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<OpenBooking>, StoreError>;
}
