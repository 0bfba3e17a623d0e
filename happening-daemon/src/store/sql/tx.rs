//! The transaction of a unit of work.
//!
//! The files in this folder are compiled twice, as modules of `store/pg` and of `store/sqlite` (decision 20). They use the
//! names that each of these defines for its own: `Db`, `Connection` and `SqlStore`.

use super::{Connection, Db, SqlStore};
use crate::store::{Actor, Ending, StoreError, Tx};
use async_trait::async_trait;
use sqlx::Transaction;

/// A transaction and who acts in it.
pub(super) struct SqlTx {
    transaction: Transaction<'static, Db>,
    pub(super) by: Actor,
}

impl SqlTx {
    /// Begins a transaction.
    pub(super) async fn begin(
        store: &SqlStore,
        by: &Actor,
        ending: Ending,
    ) -> Result<Box<dyn Tx>, StoreError> {
        let transaction = match ending {
            Ending::Commit => store.begin().await?,
            Ending::RollBack => store.begin_dry_run().await?,
        };
        Ok(Box::new(Self { transaction, by: by.clone() }))
    }

    /// What statements run on, and who acts.
    pub(super) fn parts(&mut self) -> (&mut Connection, &Actor) {
        (&mut self.transaction, &self.by)
    }

    /// What statements run on.
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.transaction
    }
}

#[async_trait]
impl Tx for SqlTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    async fn roll_back(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }
}
