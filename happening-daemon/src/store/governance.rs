//! What is decided about an organization as a whole: its settings, its owner, whether it goes on.

use super::{Actor, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, OrganizationId};
use happening_core::wire::{OrganizationSettings, OrganizationStatus, UpdateSettings};
use serde::{Deserialize, Serialize};

/// What orgAdmins write about an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Its name.
    pub name: String,
    /// What it decided.
    pub settings: OrganizationSettings,
}

/// What became of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// It is as wanted.
    Done,
    /// It is not what the update starts from; nothing was done.
    Stale,
    /// There is no such organization, or no longer.
    Absent,
}

/// What became of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is deleted.
    Done,
    /// It is not what the deletion starts from; nothing was done.
    Stale,
    /// So many events are still to take place; nothing was done.
    HasEvents(u32),
    /// There is no such organization, or no longer.
    Absent,
}

/// The governors' side of the store.
#[async_trait]
pub trait Governance: Send + Sync {
    /// Sets name and some settings, with `from` only where name and settings are these; `None` keeps what is.
    async fn update_organization(
        &self,
        organization: OrganizationId,
        from: Option<&Wording>,
        name: Option<&str>,
        settings: Option<&UpdateSettings>,
        by: &Actor,
    ) -> Result<Update, StoreError>;

    /// Suspends an organization or lets it go on. False if there is no such organization, or no longer.
    async fn set_organization_status(
        &self,
        organization: OrganizationId,
        status: OrganizationStatus,
        by: &Actor,
    ) -> Result<bool, StoreError>;

    /// Events of an organization that are going on or still to begin.
    async fn list_upcoming_events(
        &self,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> Result<Vec<EventId>, StoreError>;

    /// Deletes an organization without upcoming events, with `from` only where it is so. Its row stays: bookings and the
    /// audit log speak of it.
    async fn delete_organization(
        &self,
        organization: OrganizationId,
        from: Option<&Wording>,
        by: &Actor,
    ) -> Result<Deletion, StoreError>;
}
