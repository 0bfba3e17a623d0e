//! What has to happen although nobody asks for it: events begin and end, invites expire, what an erased person still had is given up, whoever
//! lost a right while they booked leaves the line, and results of old jobs are forgotten.

use super::{Error, Services};
use crate::keycloak::KeycloakSync;
use crate::store::Actor;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often. An invite is not accepted late, marked or not; but a party that lost its right while it booked may be
/// promoted for so long.
const EVERY: Duration = Duration::from_secs(10);

/// How long after an erasure or the loss of a right another daemon, or this one after a fault, may still have made bookings
/// of theirs.
const AFTERMATH: TimeDelta = TimeDelta::hours(1);

/// How long tokens from before an erasure may live: issuers keep a session for hours, not days.
const TOKENS_LIVE: TimeDelta = TimeDelta::days(1);

/// How long what came of a job can be read.
const RESULTS_KEPT: TimeDelta = TimeDelta::days(1);

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
        self.begin_and_end_events(now).await?;
        for open in self.store.list_abandoned_bookings(now - AFTERMATH, now).await? {
            self.give_up(open, open.user).await?;
        }
        self.store.forget_erasures(now - TOKENS_LIVE).await?;
        self.store.forget_jobs(now - RESULTS_KEPT).await?;
        self.serve_lines_that_were_left(now).await
    }

    /// A right is checked before a booking is decided, and may be lost before it is committed. Memberships and accounts take
    /// their places in line along; what was committed after that is found here.
    async fn serve_lines_that_were_left(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let mut left = self.keycloak.as_ref().map(KeycloakSync::take_left).unwrap_or_default();
        left.extend(self.store.leave_lost_lines(now - AFTERMATH, &Actor::daemon(now)).await?);
        self.serve_lines(&left).await;
        Ok(())
    }
}
