//! What has to happen although nobody asks for it: invites expire, and what an erased person still had is given up.

use super::{Error, Services};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often. Nothing rests on it: an invite is not accepted late, marked or not.
const EVERY: Duration = Duration::from_secs(10);

/// How long after an erasure another daemon, or this one after a fault, may still have made bookings of theirs.
const AFTERMATH: TimeDelta = TimeDelta::hours(1);

/// How long tokens from before an erasure may live: issuers keep a session for hours, not days.
const TOKENS_LIVE: TimeDelta = TimeDelta::days(1);

impl Services {
    /// Keeps the house for as long as it is polled.
    pub async fn keep_house(self: Arc<Self>) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.store_liveness.is_down() {
                continue;
            }
            if let Err(error) = self.tidy_up().await {
                tracing::warn!(code = %error.code, detail = %error.detail, "the housekeeping has to wait");
            }
        }
    }

    async fn tidy_up(&self) -> Result<(), Error> {
        let now = self.clock.now();
        self.store.expire_invites(now).await?;
        for open in self.store.list_abandoned_bookings(now - AFTERMATH, now).await? {
            self.give_up(open, open.user).await?;
        }
        self.store.forget_erasures(now - TOKENS_LIVE).await?;
        Ok(())
    }
}
