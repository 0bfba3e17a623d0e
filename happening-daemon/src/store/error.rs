//! What can go wrong in the store, in the terms of those who call it.
//!
//! `Conflict` names what is already there and becomes a 409; `Unavailable` is the database being away and becomes a 503;
//! `Nul` is a 400; `Busy` is a 503 too, but says nothing of the database: whoever asked wanted much, or many ask; `Unknown` is a commit whose fate nobody knows yet; everything else is a defect.

use thiserror::Error;

/// A uniqueness that an insert ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// A person signs in for the first time twice at once.
    UserSubject,
    /// The username is taken.
    Username,
    /// Two daemons found the demo organization, whose id is fixed, at once.
    Organization,
    /// Somebody is a member already.
    Membership,
    /// The address has an open invite to the organization.
    PendingInvite,
    /// The request was answered before, perhaps by another daemon.
    IdempotencyKey,
    /// A client of the issuer is mapped for the first time twice at once.
    ServiceAccount,
    /// The same work is under way.
    JobRunning,
    /// A seat would be booked twice: the engine's state is wrong.
    SeatBooked,
}

/// Why the store did not do it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Something is already there.
    #[error("{0:?} exists already")]
    Conflict(Constraint),
    /// The database does not answer; nothing was done.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// No connection came free, or the statement took longer than it may; nothing was done.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database went away during a commit: whether it was done is not known.
    #[error("the database went away during a commit: {0}")]
    Unknown(String),
    /// The database rolled this back in favour of somebody else; try again.
    #[error("lost against a concurrent transaction")]
    Contended,
    /// A text has a NUL in it; nothing was done.
    #[error("text with NUL")]
    Nul,
    /// A row that contradicts the rules, or a statement that the database refuses.
    #[error("{0}")]
    Defect(String),
}

impl StoreError {
    /// The same error where it struck while a commit was on its way.
    #[must_use]
    pub(super) fn during_commit(self) -> Self {
        match self {
            Self::Unavailable(reason) => Self::Unknown(reason),
            other => other,
        }
    }
}

impl Constraint {
    /// Finds the uniqueness that a violation names: PostgreSQL by the index, SQLite by index or columns in its message.
    fn named_in(text: &str) -> Option<Self> {
        let known = [
            (Self::UserSubject, ["users_keycloak_id", "users.keycloak_id"]),
            (Self::Username, ["users_username", "users.username"]),
            (Self::Organization, ["organizations_pkey", "organizations.id"]),
            (Self::Membership, ["organization_users_pkey", "organization_users.organization_id"]),
            (
                Self::PendingInvite,
                [
                    "organization_invites_pending",
                    "organization_invites.organization_id, organization_invites.email",
                ],
            ),
            (Self::IdempotencyKey, ["idempotency_keys_pkey", "idempotency_keys.key"]),
            (Self::ServiceAccount, ["service_accounts_pkey", "service_accounts.client_id"]),
            (Self::JobRunning, ["jobs_one_at_a_time", "jobs.kind, jobs.scope"]),
            (Self::SeatBooked, ["booking_seats_booked", "booking_seats.event_id, booking_seats.seat_no"]),
        ];
        known
            .into_iter()
            .find(|(_, names)| names.iter().any(|name| text.contains(name)))
            .map(|(known, _)| known)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default();
                let text = database.constraint().unwrap_or_else(|| database.message());
                if database.is_unique_violation()
                    && let Some(constraint) = Constraint::named_in(text)
                {
                    return Self::Conflict(constraint);
                }
                match code.as_ref() {
                    // character_not_in_repertoire: of what Rust has for text, NUL alone
                    "22021" => Self::Nul,
                    // SQLITE_CONSTRAINT_TRIGGER
                    "1811" if database.message().contains("text with NUL") => Self::Nul,
                    // serialization_failure, deadlock_detected, lock_not_available
                    "40001" | "40P01" | "55P03" => Self::Contended,
                    // SQLITE_BUSY and its kin
                    "5" | "261" | "517" => Self::Busy("the file is locked".to_owned()),
                    // query_canceled: by the time that a statement has
                    "57014" => Self::Busy(database.message().to_owned()),
                    // idle_in_transaction_session_timeout; class 57 (shutdown, crash, cannot connect now), 53 (too
                    // many connections, disk full), 08 (connection exceptions)
                    code if code == "25P03"
                        || ["57", "53", "08"].contains(&code.get(..2).unwrap_or_default()) =>
                    {
                        Self::Unavailable(database.message().to_owned())
                    }
                    _ => Self::Defect(database.to_string()),
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            // The database may be away, too: the pulse, which has a connection of its own, finds that out.
            sqlx::Error::PoolTimedOut => Self::Busy(error.to_string()),
            other => Self::Defect(other.to_string()),
        }
    }
}
