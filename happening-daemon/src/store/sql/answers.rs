//! What was answered.

use super::SqlStore;
use crate::idempotency::{Digest, Fingerprint};
use crate::store::rows::AnsweredRow;
use crate::store::{Answers, KeptAnswer, Remembered, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

#[async_trait]
impl Answers for SqlStore {
    async fn find_answer(&self, key: &Digest) -> Result<Option<Remembered>, StoreError> {
        let row: Option<AnsweredRow> =
            sqlx::query_as("SELECT request, status, headers, body FROM idempotency_keys WHERE key = $1")
                .bind(key.as_slice())
                .fetch_optional(self.read())
                .await?;
        row.map(Remembered::try_from).transpose()
    }

    async fn reserve(
        &self,
        fingerprint: &Fingerprint,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO idempotency_keys (key, request, running_until, created_at, owner, is_personal) \
             VALUES ($1, $2, $4, $3, $5, $6) \
             ON CONFLICT (key) DO UPDATE SET request = excluded.request, \
             running_until = excluded.running_until, created_at = excluded.created_at \
             WHERE idempotency_keys.status IS NULL AND idempotency_keys.running_until <= $3",
        )
        .bind(fingerprint.key.as_slice())
        .bind(fingerprint.request.as_slice())
        .bind(now)
        .bind(until)
        .bind(fingerprint.owner.as_slice())
        .bind(true)
        .execute(self.write())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn keep_answer(
        &self,
        key: &Digest,
        until: DateTime<Utc>,
        answer: &KeptAnswer,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE idempotency_keys SET status = $3, headers = $4, body = $5, running_until = NULL \
             WHERE key = $1 AND running_until = $2",
        )
        .bind(key.as_slice())
        .bind(until)
        .bind(i32::from(answer.status))
        .bind(serde_json::to_string(&answer.headers).unwrap_or_default())
        .bind(&answer.body)
        .execute(self.write())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn release(&self, key: &Digest, until: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM idempotency_keys WHERE key = $1 AND running_until = $2")
            .bind(key.as_slice())
            .bind(until)
            .execute(self.write())
            .await?;
        Ok(())
    }

    async fn forget_oldest_answers(&self, owner: &Digest, kept: u32) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM idempotency_keys WHERE owner = $1 AND status IS NOT NULL AND created_at < \
             (SELECT created_at FROM idempotency_keys WHERE owner = $1 AND status IS NOT NULL \
             ORDER BY created_at DESC LIMIT 1 OFFSET $2)",
        )
        .bind(owner.as_slice())
        .bind(i64::from(kept.saturating_sub(1)))
        .execute(self.write())
        .await?;
        Ok(done.rows_affected())
    }

    async fn forget_answers(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM idempotency_keys WHERE created_at < $1")
            .bind(before)
            .execute(self.write())
            .await?;
        Ok(done.rows_affected())
    }
}
