//! What the law lets a person ask for: all that is stored about them, and to be forgotten.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, InviteId, OrganizationId, UserId};
use happening_core::wire::PersonalData;
use sha2::{Digest as _, Sha256};

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

/// Rows that an erasure changes, in a unit of work that has locked the person and the organizations.
#[async_trait]
pub trait ErasureRows: Send {
    /// Organizations of which there is an invite that names a person: to their account or this address, answered by them, or
    /// from them. An erasure changes these invites.
    async fn list_organizations_with_invites(
        &mut self,
        user: UserId,
        email: Option<&str>,
    ) -> Result<Vec<OrganizationId>, StoreError>;

    /// Deletes invites to an account, or to this address, that are not answered. Returns them.
    async fn delete_invites_of_person(
        &mut self,
        user: UserId,
        email: Option<&str>,
    ) -> Result<Vec<(OrganizationId, InviteId)>, StoreError>;

    /// Replaces the address in invites to a person, and removes the messages from invites to and from them.
    async fn anonymize_invites(
        &mut self,
        user: UserId,
        email: Option<&str>,
        anonymous: &str,
    ) -> Result<(), StoreError>;

    /// Deletes a user's blocks.
    async fn delete_invite_blocks_of(&mut self, user: UserId) -> Result<(), StoreError>;

    /// Deletes kept answers that may name people and hold this text.
    async fn delete_answers_with(&mut self, text: &str) -> Result<(), StoreError>;

    /// Leaves of a user an id that names nobody, and this address.
    async fn anonymize_user(&mut self, user: UserId, email: &str) -> Result<(), StoreError>;

    /// Refuses the tokens of a `sub` from before now, and remembers whether the person was suspended.
    async fn put_erased_subject(&mut self, subject_hash: &str, suspended: bool) -> Result<(), StoreError>;
}
