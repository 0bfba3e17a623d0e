//! Keeps Keycloak in sync with the database, both ways.
//!
//! What changes here (an organization, who belongs to it, who runs it, an account to be erased) queues a task in its own
//! transaction; the [`SyncTask`] takes tasks and makes Keycloak equal to what is true at that moment. What changes there (an
//! account is disabled or deleted) the [`Watcher`] finds out for those who are active here. No request ever waits for either.
//!
//! To send one more thing to Keycloak: a variant of [`crate::store::KeycloakTask`], queued where the change is made, and an
//! arm of `SyncTask::apply`.

mod activity;
mod apply;
mod sync;
mod watcher;

pub use sync::SyncTask;
pub use watcher::Watcher;

use crate::identity::directory::DirectoryError;
use crate::liveness::Liveness;
use activity::Activity;
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, UserId};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// The handle that the rest of the daemon has of the sync. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct KeycloakSync(Arc<State>);

struct State {
    liveness: Liveness,
    /// What the administrator of Keycloak must correct.
    trouble: Mutex<Option<String>>,
    activity: Activity,
    queued: Notify,
    /// Events whose waitlist somebody left because of their account, still to be served.
    left: Mutex<BTreeSet<EventId>>,
}

impl Default for KeycloakSync {
    fn default() -> Self {
        Self(Arc::new(State {
            liveness: Liveness::new("keycloak"),
            trouble: Mutex::default(),
            activity: Activity::default(),
            queued: Notify::new(),
            left: Mutex::default(),
        }))
    }
}

impl KeycloakSync {
    /// Whether Keycloak's admin side answers.
    pub fn liveness(&self) -> &Liveness {
        &self.0.liveness
    }

    /// What prevents writes to Keycloak although it answers.
    pub fn trouble(&self) -> Option<String> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something may have been queued: look at once.
    pub fn wake(&self) {
        self.0.queued.notify_one();
    }

    /// Somebody who may not sign in any more left these waitlists.
    fn left(&self, events: Vec<EventId>) {
        self.0.left.lock().unwrap_or_else(PoisonError::into_inner).extend(events);
    }

    /// The waitlists that somebody left since the last call.
    pub fn take_left(&self) -> Vec<EventId> {
        let mut left = self.0.left.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *left).into_iter().collect()
    }

    /// Somebody is active here; `is_active` is what is known of their account.
    pub fn seen(&self, user: UserId, subject: &str, is_active: bool, now: DateTime<Utc>) {
        self.0.activity.seen(user, subject, is_active, now);
    }

    /// Notes what a call to Keycloak says of Keycloak itself.
    fn note(&self, error: &DirectoryError) {
        if error.is_outage() {
            self.0.liveness.miss(error);
        }
    }

    fn set_trouble(&self, trouble: Option<String>) {
        let mut known = self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != trouble {
            if let Some(reason) = &trouble {
                tracing::error!(%reason, "Keycloak cannot be kept in step");
            } else {
                tracing::info!("Keycloak can be kept in step");
            }
            *known = trouble;
        }
    }
}
