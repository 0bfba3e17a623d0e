//! Fresh ids and secrets: the one place that draws them, so that tests can seed them.

use crate::random;
use happening_core::id::{BookingId, EventId, InviteId, JobId, NotificationId, OrganizationId, UserId};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Draws ids: by time (UUID version 7), so that new rows sit side by side in their indexes.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    seed: Option<Arc<AtomicU64>>,
    drawn: Option<Arc<Mutex<Vec<String>>>>,
}

impl Ids {
    /// Ids that count up from `seed`, for tests.
    pub fn seeded(seed: u64) -> Self {
        Self { seed: Some(Arc::new(AtomicU64::new(seed))), drawn: None }
    }

    /// Ids that are remembered, for a dry run: nothing of what it says shall bear the id of a thing that is never made.
    pub fn remembered() -> Self {
        Self { seed: None, drawn: Some(Arc::default()) }
    }

    /// The ids and secrets that were drawn here, as text; none where they are not remembered.
    pub fn drawn(&self) -> Vec<String> {
        let drawn = self.drawn.as_ref().map(|drawn| drawn.lock().unwrap_or_else(PoisonError::into_inner));
        drawn.map(|drawn| drawn.clone()).unwrap_or_default()
    }

    fn remember(&self, text: impl FnOnce() -> String) {
        if let Some(drawn) = &self.drawn {
            drawn.lock().unwrap_or_else(PoisonError::into_inner).push(text());
        }
    }

    /// A fresh id of no particular kind.
    pub fn uuid(&self) -> Uuid {
        let id = match &self.seed {
            Some(next) => Uuid::from_u128(u128::from(next.fetch_add(1, Ordering::Relaxed))),
            #[expect(clippy::disallowed_methods, reason = "the one place that draws ids")]
            None => Uuid::now_v7(),
        };
        self.remember(|| id.to_string());
        id
    }

    /// For an event.
    pub fn event(&self) -> EventId {
        EventId(self.uuid())
    }

    /// For a booking.
    pub fn booking(&self) -> BookingId {
        BookingId(self.uuid())
    }

    /// For a user.
    pub fn user(&self) -> UserId {
        UserId(self.uuid())
    }

    /// For an organization.
    pub fn organization(&self) -> OrganizationId {
        OrganizationId(self.uuid())
    }

    /// For an invite.
    pub fn invite(&self) -> InviteId {
        InviteId(self.uuid())
    }

    /// For a job.
    pub fn job(&self) -> JobId {
        JobId(self.uuid())
    }

    /// 256 bits that nobody guesses, as text for an address.
    pub fn secret(&self) -> String {
        let secret = match &self.seed {
            Some(_) => format!("secret-{}", self.uuid().simple()),
            None => random::secret(),
        };
        self.remember(|| secret.clone());
        secret
    }

    /// For a notification.
    pub fn notification(&self) -> NotificationId {
        NotificationId(self.uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_known_again() {
        let ids = Ids::remembered();
        let drawn = [ids.event().to_string(), ids.clone().secret()];
        assert_eq!(ids.drawn(), drawn);
        let forgetful = Ids::default();
        forgetful.event();
        assert!(forgetful.drawn().is_empty());
    }
}
