//! One transaction that is never committed, and the store within it.
//!
//! Its one connection has begun a transaction before anybody gets it, and the driver knows: whatever the store begins and
//! commits there is a savepoint. It has the file's write lock meanwhile, so it takes its turn among those who write.

use super::{SqliteStore, StoreError, pool};
use sqlx::{Connection, Executor};
use std::sync::{Arc, Mutex, PoisonError};

impl SqliteStore {
    /// Opens a trial, its transaction begun.
    pub(super) async fn try_out(&self) -> Result<Self, StoreError> {
        if self.turn.is_some() {
            return Err(StoreError::Defect("a trial of a trial".to_owned()));
        }
        let turn = self.writer.acquire().await?;
        let options = self.writer.connect_options();
        let one = pool(1)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // Never ended by the driver: it goes on counting what begins inside as savepoints.
                    std::mem::forget(connection.begin_with(Self::BEGIN).await?);
                    Ok(())
                })
            })
            .connect_with((*options).clone())
            .await?;
        Ok(Self {
            readers: one.clone(),
            writer: one,
            turn: Some(Arc::new(Mutex::new(Some(turn)))),
            ..self.clone()
        })
    }

    /// Ends the connections; a trial's transaction first.
    pub(super) async fn end(&self) {
        if self.turn.is_some()
            && let Ok(mut connection) = self.writer.acquire().await
        {
            // Where it fails the connection is broken, and with it the transaction.
            let _ = connection.execute("ROLLBACK").await;
        }
        for pool in [&self.readers, &self.writer] {
            pool.close().await;
        }
        if self.turn.is_none() {
            self.engine.close().await;
            self.pulse.close().await;
        }
        if let Some(turn) = &self.turn {
            *turn.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}
