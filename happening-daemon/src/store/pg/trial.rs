//! One transaction that is never committed, and the store within it.
//!
//! Its one connection has begun a transaction before anybody gets it, and the driver knows: whatever the store begins and
//! commits there is a savepoint. Its locks are those of the real thing, for milliseconds; it waits less long for them than
//! the real thing does, and than a deadlock takes to be found, so in doubt it is the trial that gives way.
//!
//! A connection whose trial was ended is kept for the next one: dry runs do not sign in to the database again and again.

use super::{PgStore, StoreError};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, Executor};
use std::sync::PoisonError;
use std::time::Duration;

/// How long a trial waits to be connected.
const CONNECT: Duration = Duration::from_secs(2);

/// Connections that are kept.
const KEPT: usize = 2;

impl PgStore {
    /// Opens a trial, its transaction begun.
    pub(super) async fn try_out(&self) -> Result<Self, StoreError> {
        if self.is_trial {
            return Err(StoreError::Defect("a trial of a trial".to_owned()));
        }
        let idle = self.idle_trials.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let one = match idle {
            // One that broke meanwhile is none.
            Some(one) => match one.execute("BEGIN").await {
                Ok(_) => one,
                Err(_) => self.connect_trial().await?,
            },
            None => self.connect_trial().await?,
        };
        Ok(Self {
            readers: one.clone(),
            writers: one.clone(),
            committers: one.clone(),
            pulse: one,
            is_trial: true,
            ..self.clone()
        })
    }

    async fn connect_trial(&self) -> Result<PgPool, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(CONNECT)
            .idle_timeout(None)
            .max_lifetime(None)
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
        Ok(pool)
    }

    /// Ends the connections. Of a trial the transaction ends, so that its locks are gone with this.
    pub(super) async fn end(&self) {
        if !self.is_trial {
            for pool in [&self.readers, &self.committers, &self.pulse, &self.engine] {
                pool.close().await;
            }
            return;
        }
        // Where it fails the connection is broken, and with it the transaction.
        if self.readers.execute("ROLLBACK").await.is_ok() {
            let mut idle = self.idle_trials.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < KEPT {
                idle.push(self.readers.clone());
                return;
            }
        }
        self.readers.close().await;
    }
}

fn options(of_readers: &PgConnectOptions) -> PgConnectOptions {
    of_readers.clone().options([
        ("lock_timeout", "500ms"),
        // A daemon that was stopped in the middle of a trial holds up nobody.
        ("idle_in_transaction_session_timeout", "2s"),
    ])
}
