//! One transaction that is never committed, and the store within it.
//!
//! Its one connection has begun a transaction before anybody gets it, and the driver knows: whatever the store begins and
//! commits there is a savepoint. Its locks are those of the real thing, for milliseconds; it waits less long for them than
//! the real thing does, and than a deadlock takes to be found, so in doubt it is the trial that gives way.

use super::{PgStore, StoreError};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, Executor};
use std::time::Duration;

/// How long a trial waits to be connected.
const CONNECT: Duration = Duration::from_secs(2);

impl PgStore {
    /// Opens a trial, its transaction begun.
    pub(super) async fn try_out(&self) -> Result<Self, StoreError> {
        if self.is_trial {
            return Err(StoreError::Defect("a trial of a trial".to_owned()));
        }
        let one = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECT)
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // Never ended by the driver: it goes on counting what begins inside as savepoints.
                    std::mem::forget(connection.begin().await?);
                    Ok(())
                })
            })
            .connect_with(options(&self.readers.connect_options()))
            .await?;
        Ok(Self {
            readers: one.clone(),
            committers: one.clone(),
            pulse: one,
            engine: self.engine.clone(),
            committed: self.committed.clone(),
            is_trial: true,
        })
    }

    /// Ends the connections; a trial's transaction first, so that its locks are gone with this.
    pub(super) async fn end(&self) {
        if self.is_trial
            && let Ok(mut connection) = self.readers.acquire().await
        {
            // Where it fails the connection is broken, and with it the transaction.
            let _ = connection.execute("ROLLBACK").await;
        }
        for pool in [&self.readers, &self.committers, &self.pulse] {
            pool.close().await;
        }
        if !self.is_trial {
            self.engine.close().await;
        }
    }
}

fn options(of_readers: &PgConnectOptions) -> PgConnectOptions {
    of_readers.clone().options([
        ("lock_timeout", "500ms"),
        // A daemon that was stopped in the middle of a trial holds up nobody.
        ("idle_in_transaction_session_timeout", "2s"),
    ])
}
