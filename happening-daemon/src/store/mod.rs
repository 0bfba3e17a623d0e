//! The truth: PostgreSQL or SQLite, behind one contract.
//!
//! [`Ledger`] is what the booking engine commits to, [`Events`] and [`Lines`] what it reads and what happens beside it,
//! [`Catalogue`] what people read of it, [`People`], [`ServiceAccounts`] and [`Organizations`] who they are and where
//! they belong, [`Invites`] how they get there, [`AuditLog`] what they did, [`Privacy`] what the law lets them ask for,
//! [`Outbox`] what is still to be delivered, [`ParkedMessages`] what could not be, [`KeycloakTasks`] what Keycloak is,
//! [`Answers`] what was answered to requests that may be sent again, [`Jobs`] what takes long, [`Inspection`] what
//! support and operators look at. Both engines implement all and run the same suite (`contract.rs`).
//!
//! To add a statement: its method in one of the traits; where both dialects read the same, its body in `sql/`,
//! else one body each in `pg/` and `sqlite/`; a case in the contract suite.

mod answers;
mod audit;
mod catalogue;
mod changes;
#[cfg(test)]
pub(crate) mod contract;
mod error;
mod events;
mod fold;
mod inspection;
mod invites;
mod jobs;
mod ledger;
mod lines;
mod organizations;
mod outbox;
mod parked;
mod people;
pub mod pg;
mod privacy;
mod quotas;
mod rows;
mod service_accounts;
pub mod sqlite;
mod storable;
mod sync;
mod tx;

pub use answers::{AnswerRow, Answers, KeptAnswer, Remembered};
pub use audit::{Actor, AuditEntry, AuditLog, AuditRows, Differences};
pub use catalogue::{
    Catalogue, EventFilter, NotificationFilter, NotificationRows, Part, Participation, ParticipationBooking,
};
pub use error::{Constraint, StoreError};
pub use events::{EventRows, Events, NewEvent};
pub use inspection::{BookingFilter, EventTotals, Inspection, SeatMismatch};
pub use invites::{InviteRows, Invites, NewInvite, StoredInvite};
pub use jobs::{ClaimedJob, JobEnd, JobProgress, JobRows, Jobs, NewJob};
pub use ledger::{
    AuditRow, Batch, BookingRow, CounterSnapshot, Details, EventCounts, EventLock, EventRow, HistoryRow,
    Ledger, MissedCommit, NotificationRow, SeatRow,
};
pub use lines::{IS_ERASED, IS_SUSPENDED, LineRows, Lines, NO_MEMBER};
pub use organizations::{
    Governor, MemberFilter, MemberMark, MemberRows, NewOrganization, OrganizationFilter, OrganizationRows,
    Organizations, Wording,
};
pub use outbox::{DeliveryFailure, Outbox, Postponement, Progress};
pub use parked::{GivenUpNotification, NewParkedMessage, ParkedMessages, ParkedRows, UndeliverableClass};
pub use people::{Contact, ContactUpdate, NewUser, People, Profile, UserFilter, UserRows};
pub use privacy::{Erasure, ErasureRows, OpenBooking, PastErasure, Privacy, subject_hash};
pub use quotas::QuotaRows;
pub use service_accounts::{NewServiceAccount, ServiceAccountRows, ServiceAccounts};
pub use storable::{Reason, storable};
pub use sync::{
    ClaimedTask, FailedTask, IssuerState, KeycloakBacklog, KeycloakTask, KeycloakTasks, OrganizationTruth,
    TaskFailure, TaskRows,
};
pub use tx::{Ending, Tx};

use async_trait::async_trait;
use std::sync::Arc;
use uuid::Uuid;

/// All of the store.
#[async_trait]
pub trait Store:
    Ledger
    + Events
    + Lines
    + Catalogue
    + People
    + ServiceAccounts
    + Organizations
    + Invites
    + Privacy
    + AuditLog
    + KeycloakTasks
    + Outbox
    + ParkedMessages
    + Answers
    + Jobs
    + Inspection
    + Send
    + Sync
{
    /// `postgresql` or `sqlite`.
    fn kind(&self) -> &'static str;

    /// Whether several daemons may share it.
    fn is_shared(&self) -> bool;

    /// Names this database among those of other installations; `None` where no second daemon can be on it.
    async fn installation(&self) -> Result<Option<Uuid>, StoreError>;

    /// Brings the schema up to this version.
    async fn migrate(&self) -> Result<(), StoreError>;

    /// The database's own time: proof that it answers.
    async fn ping(&self) -> Result<String, StoreError>;

    /// Begins a unit of work of `by`.
    async fn begin(&self, by: &Actor, ending: Ending) -> Result<Box<dyn Tx>, StoreError>;

    /// The same store without the means to write: whatever would write fails. Has no connections of its own, and is not to be
    /// closed.
    fn looking(&self) -> Arc<dyn Store>;

    /// Ends its connections.
    async fn close(&self);
}
