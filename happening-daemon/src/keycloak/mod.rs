//! Keycloak in step with the truth, both ways.
//!
//! What changes here (an organization, who belongs to it, who runs it, an account to be erased) queues a task in its own
//! transaction; the [`Teller`] takes tasks and makes Keycloak equal to what is true at that moment. What changes there (an
//! account is disabled or deleted) the [`Watcher`] finds out for those who are active here. No request ever waits for either.
//!
//! To tell Keycloak of one more thing: a variant of [`crate::store::KeycloakTask`], queued where the change is made, and an
//! arm of `Teller::tell`.

mod activity;
mod tell;
mod teller;
mod watcher;

pub use teller::Teller;
pub use watcher::Watcher;

use crate::identity::directory::DirectoryError;
use crate::liveness::Liveness;
use activity::Activity;
use chrono::{DateTime, Utc};
use happening_core::id::UserId;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// What the rest of the daemon has of it. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct InStep(Arc<State>);

struct State {
    liveness: Liveness,
    /// What whoever set Keycloak up must put right.
    trouble: Mutex<Option<String>>,
    activity: Activity,
    queued: Notify,
}

impl Default for InStep {
    fn default() -> Self {
        Self(Arc::new(State {
            liveness: Liveness::new("keycloak"),
            trouble: Mutex::default(),
            activity: Activity::default(),
            queued: Notify::new(),
        }))
    }
}

impl InStep {
    /// Whether Keycloak's admin side answers.
    pub fn liveness(&self) -> &Liveness {
        &self.0.liveness
    }

    /// What keeps Keycloak from being told anything although it answers.
    pub fn trouble(&self) -> Option<String> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something may have been queued: look at once.
    pub fn nudge(&self) {
        self.0.queued.notify_one();
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
