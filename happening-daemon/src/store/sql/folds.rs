//! Folded texts of rows that were written before the daemon folded them.

use super::SqlStore;
use crate::store::StoreError;
use crate::store::fold::fold;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Tables, and the columns whose folded text they also hold.
const FOLDED: &[(&str, &str)] =
    &[("events", "name"), ("organizations", "name"), ("users", "username"), ("users", "email")];

/// Rows that are folded in one transaction: bookings go on meanwhile.
const FOLDED_AT_ONCE: usize = 1_000;

impl SqlStore {
    /// Folds what was written before. Several daemons may do so at once.
    pub(super) async fn fold_earlier_rows(&self) -> Result<(), StoreError> {
        for (table, column) in FOLDED {
            while self.fold_some(table, column).await? == FOLDED_AT_ONCE {}
        }
        Ok(())
    }

    async fn fold_some(&self, table: &str, column: &str) -> Result<usize, StoreError> {
        let mut transaction = self.begin().await?;
        let unfolded = AssertSqlSafe(format!(
            "SELECT id, {column} FROM {table} WHERE {column}_folded IS NULL ORDER BY id LIMIT {FOLDED_AT_ONCE}"
        ));
        let rows: Vec<(Uuid, String)> = sqlx::query_as(unfolded).fetch_all(&mut *transaction).await?;
        let found = rows.len();
        for (id, text) in rows {
            // Whoever writes another text meanwhile folds it too.
            sqlx::query(AssertSqlSafe(format!(
                "UPDATE {table} SET {column}_folded = $3 WHERE id = $1 AND {column} = $2"
            )))
            .bind(id)
            .bind(&text)
            .bind(fold(&text))
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(found)
    }
}
