//! Fresh ids and secrets: the one place that draws them, so that tests can seed them.

use crate::random;
use happening_core::id::{BookingId, EventId, InviteId, NotificationId, OrganizationId, UserId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// Draws ids: by time (UUID version 7), so that new rows sit side by side in their indexes.
#[derive(Debug, Clone, Default)]
pub struct Ids(Option<Arc<AtomicU64>>);

impl Ids {
    /// Ids that count up from `seed`, for tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(AtomicU64::new(seed))))
    }

    /// A fresh id of no particular kind.
    pub fn uuid(&self) -> Uuid {
        match &self.0 {
            Some(next) => Uuid::from_u128(u128::from(next.fetch_add(1, Ordering::Relaxed))),
            #[expect(clippy::disallowed_methods, reason = "the one place that draws ids")]
            None => Uuid::now_v7(),
        }
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

    /// 256 bits that nobody guesses, as text for an address.
    pub fn secret(&self) -> String {
        match &self.0 {
            Some(_) => format!("secret-{}", self.uuid().simple()),
            None => random::secret(),
        }
    }

    /// For a notification.
    pub fn notification(&self) -> NotificationId {
        NotificationId(self.uuid())
    }
}
