//! Whether everybody was told.

use crate::stage::Stage;
use crate::support::eventually;
use std::time::{Duration, Instant};

/// How long it may take after the broker's return until everybody is told.
pub const DRAINED: Duration = Duration::from_secs(30);

impl Stage {
    /// Waits until every notification is `sent` and the outbox is empty.
    pub async fn everybody_is_told(&self, by: Instant) {
        let patience = by.saturating_duration_since(Instant::now());
        eventually("every notification is sent", patience, async || self.untold().await == 0).await;
    }

    /// Notifications that are not `sent`, rows that are still in the outbox, and announcements that are not through.
    pub async fn untold(&self) -> i64 {
        let all = "SELECT (SELECT count(*) FROM notifications WHERE status <> 'sent') + (SELECT count(*) FROM outbox) \
             + (SELECT count(*) FROM announcements)";
        sqlx::query_scalar(all).fetch_one(&self.truth).await.expect("a count")
    }
}
