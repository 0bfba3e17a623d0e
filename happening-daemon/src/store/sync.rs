//! What Keycloak is still to be told. A task says what to look at, not what to do: whoever takes it reads what is true here
//! and makes Keycloak equal to it. So a task may be done late or twice, and two of the same are one.

use super::{Actor, Reason, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use std::collections::BTreeMap;
use std::str::FromStr;

/// What to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeycloakTask {
    /// An organization: that it exists (or no longer does), its name, and who has which role in it.
    Organization(OrganizationId),
    /// Whether somebody is a member of an organization. Keycloak knows accounts: who has this one here may change, when they
    /// are erased and come back as somebody new.
    Member {
        /// The organization.
        organization: OrganizationId,
        /// The person who had the account when this was last asked for.
        user: UserId,
        /// Their `sub`: it outlives their row here.
        subject: String,
    },
    /// An account to delete, because the person asked for it.
    Account {
        /// Whose it was here.
        user: UserId,
        /// Their `sub`.
        subject: String,
    },
}

impl KeycloakTask {
    /// Two tasks with the same key are one.
    pub fn key(&self) -> String {
        match self {
            Self::Organization(organization) => format!("organization:{organization}"),
            Self::Member { organization, subject, .. } => format!("member:{organization}:{subject}"),
            Self::Account { user, .. } => format!("account:{user}"),
        }
    }

    /// The word in the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Organization(_) => "organization",
            Self::Member { .. } => "member",
            Self::Account { .. } => "account",
        }
    }
}

/// A task that somebody has for themselves until `lease`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedTask {
    /// The task.
    pub task: KeycloakTask,
    /// The key of its row: another one than the task's if a daemon of an older version queued it.
    pub key: String,
    /// Which of its askings this is: asked for again meanwhile, it is not done.
    pub generation: u64,
    /// How often it failed since it was last asked for.
    pub attempts: u32,
    /// Until when it is nobody else's; by it the claim is known.
    pub lease: DateTime<Utc>,
}

/// How a task failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFailure {
    /// What Keycloak said, for operators: no secret in it.
    pub error: Reason,
    /// A request may yet be carried out.
    pub unsettled: bool,
    /// When to try again.
    pub due: DateTime<Utc>,
}

/// What is still to be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeycloakBacklog {
    /// Tasks by kind.
    pub pending: BTreeMap<String, u64>,
    /// Since when the oldest one waits.
    pub oldest: Option<DateTime<Utc>>,
    /// What failed most often, at most ten.
    pub failures: Vec<FailedTask>,
}

/// A task that failed when it was last tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTask {
    /// Its kind.
    pub kind: String,
    /// The organization that it is about.
    pub organization: Option<OrganizationId>,
    /// How often it failed.
    pub attempts: u32,
    /// Why, the last time.
    pub error: String,
}

/// What Keycloak should know of an organization, as of one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationTruth {
    /// Its name.
    pub name: String,
    /// Its id at Keycloak, once known.
    pub keycloak_org_id: Option<String>,
    /// Suspended here.
    pub suspended: bool,
    /// Deleted here.
    pub deleted: bool,
    /// The `sub` of each orgAdmin who is a person, sorted.
    pub org_admins: Vec<String>,
    /// The `sub` of each organizer who is a person, sorted.
    pub organizers: Vec<String>,
}

/// What the issuer last said of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerState {
    /// It may sign in.
    Active,
    /// It was disabled there.
    Disabled,
    /// It is no longer there.
    Deleted,
}

impl IssuerState {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    /// Why who has such an account leaves the waitlists; `None` if they stay.
    pub(crate) const fn lost(self) -> Option<&'static str> {
        match self {
            Self::Active => None,
            Self::Disabled => Some("the account is disabled at the sign-in service"),
            Self::Deleted => Some("the account no longer exists at the sign-in service"),
        }
    }
}

impl FromStr for IssuerState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Active, Self::Disabled, Self::Deleted];
        known
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("no such state of an account: {text}"))
    }
}

/// Keycloak's side of the store.
#[async_trait]
pub trait KeycloakTasks: Send + Sync {
    /// Takes up to `limit` tasks that are due, so that nobody else has them before `lease`: first sign-ins first, then those
    /// of all who caused some in turn, organizations before their members.
    async fn claim_keycloak_tasks(
        &self,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ClaimedTask>, StoreError>;

    /// It is done, unless it was asked for again meanwhile: then it is due at once. One with an unsettled request is kept
    /// and due at `look_again`.
    async fn finish_keycloak_task(
        &self,
        claimed: &ClaimedTask,
        look_again: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// It could not be done now.
    async fn fail_keycloak_task(
        &self,
        claimed: &ClaimedTask,
        failure: &TaskFailure,
    ) -> Result<(), StoreError>;

    /// Makes everything due at once: Keycloak is back. What somebody is at stays theirs.
    async fn release_keycloak_tasks(&self, now: DateTime<Utc>) -> Result<(), StoreError>;

    /// What is still to be told.
    async fn find_keycloak_backlog(&self) -> Result<KeycloakBacklog, StoreError>;

    /// Queues the organizations of which Keycloak was never told. Returns how many.
    async fn queue_unsent_organizations(&self, now: DateTime<Utc>) -> Result<u64, StoreError>;

    /// What Keycloak should know of an organization.
    async fn find_organization_truth(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<OrganizationTruth>, StoreError>;

    /// Whether Keycloak should have an account as a member of an organization: whether the person is one who has it now.
    async fn is_keycloak_member(
        &self,
        organization: OrganizationId,
        subject: &str,
    ) -> Result<bool, StoreError>;

    /// Notes where an organization is at Keycloak. Where that is new, all its members are queued: a new one there has none.
    async fn set_keycloak_org_id(
        &self,
        organization: OrganizationId,
        keycloak_org_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// What the issuer last said of a person's account. `None` for service accounts, which nobody watches.
    async fn find_issuer_state(&self, user: UserId) -> Result<Option<IssuerState>, StoreError>;

    /// Notes what the issuer says of a person's account. Whoever may not sign in any more leaves all waitlists with it. True if it said something else before.
    async fn set_issuer_state(
        &self,
        user: UserId,
        state: IssuerState,
        by: &Actor,
    ) -> Result<bool, StoreError>;
}

/// What Keycloak is to be sent, in a unit of work.
#[async_trait]
pub trait TaskRows: Send {
    /// Queues a task, for the turn of the actor of the unit. One that is queued already is done again.
    async fn queue_task(&mut self, task: &KeycloakTask) -> Result<(), StoreError>;

    /// Lets what is queued of an organization come before everything else.
    async fn queue_first(&mut self, organization: OrganizationId) -> Result<(), StoreError>;
}
