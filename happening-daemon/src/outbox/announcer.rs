//! The announcer: writes the notifications of announcements.
//!
//! A change of an event that its holders are notified of commits one row, whatever the number of holders: a commit has two
//! seconds, and others wait behind it. The notifications follow here in steps that are short for everybody else. Each step
//! is one transaction with the note of how far it came, so each holder has one notification wherever a daemon is killed, and
//! several daemons share the work.

use crate::liveness::Liveness;
use crate::store::Store;
use happening_core::clock::Clock;
use std::sync::Arc;
use std::time::Duration;

/// Holders in one step.
const STEP: u32 = 500;

/// How often the announcements are looked at.
const PERIOD: Duration = Duration::from_millis(500);

/// Between two steps: bookings, which on SQLite wait for the same connection, go first.
const BREATH: Duration = Duration::from_millis(2);

/// Writes notifications of announcements.
pub struct Announcer {
    /// Where both are.
    pub store: Arc<dyn Store>,
    /// Whether it answers.
    pub store_liveness: Liveness,
    /// Time.
    pub clock: Clock,
}

impl Announcer {
    /// Runs until it is dropped.
    pub async fn run(self) {
        let mut period = tokio::time::interval(PERIOD);
        period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            period.tick().await;
            while !self.store_liveness.is_down() {
                match self.store.notify_holders(self.clock.now(), STEP).await {
                    Ok(Some(_)) => tokio::time::sleep(BREATH).await,
                    Ok(None) => break,
                    Err(error) => {
                        tracing::warn!(%error, "holders could not be notified of a change");
                        break;
                    }
                }
            }
        }
    }
}
