//! The audit log: its lines in a transaction, and reads of committed ones.

use super::{Connection, SqlStore, SqlTx};
use crate::store::catalogue::MAX_ROWS;
use crate::store::rows::{AuditRecordRow, big, convert};
use crate::store::{Actor, AuditEntry, AuditLog, AuditRows, StoreError, storable};
use async_trait::async_trait;
use happening_core::id::OrganizationId;
use happening_core::wire::{AuditQuery, AuditRecord};

#[async_trait]
impl AuditLog for SqlStore {
    async fn list_audit(
        &self,
        organization: Option<OrganizationId>,
        query: &AuditQuery,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        // PostgreSQL takes no NUL in a text, so no entry has one.
        if [&query.action, &query.target].into_iter().flatten().any(|text| text.contains('\0')) {
            return Ok(Vec::new());
        }
        let rows: Vec<AuditRecordRow> = sqlx::query_as(
            "SELECT a.id, a.at, a.actor_id, u.username AS actor_username, a.action, a.organization_id, \
             a.target_kind, a.target_id, a.address, a.request_id, a.old_value, a.new_value \
             FROM audit_log a LEFT JOIN users u ON u.id = a.actor_id \
             WHERE ($1 IS NULL OR a.organization_id = $1) AND ($2 IS NULL OR a.action = $2) \
             AND ($3 IS NULL OR a.actor_id = $3) AND ($4 IS NULL OR a.target_id = $4) \
             AND ($5 IS NULL OR a.id < $5) ORDER BY a.id DESC LIMIT $6",
        )
        .bind(organization.map(|organization| organization.0))
        .bind(query.action.clone())
        .bind(query.actor.map(|actor| actor.0))
        .bind(query.target.clone())
        .bind(query.before.map(big))
        .bind(query.limit.map_or(MAX_ROWS, i64::from))
        .fetch_all(self.read())
        .await?;
        convert(rows)
    }
}

#[async_trait]
impl AuditRows for SqlTx {
    async fn record(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        let (connection, by) = self.parts();
        SqlStore::record(connection, by, entry).await
    }
}

impl SqlStore {
    /// Writes a line of the audit log.
    pub(super) async fn record(
        connection: &mut Connection,
        by: &Actor,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO audit_log (at, actor_id, action, organization_id, target_kind, target_id, address, \
             request_id, old_value, new_value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(by.now)
        .bind(by.user.map(|user| user.0))
        .bind(entry.action)
        .bind(entry.organization.map(|organization| organization.0))
        .bind(entry.target.0)
        .bind(storable(&entry.target.1).into_owned())
        .bind(by.address.map(|address| address.to_string()))
        .bind(by.request_id.as_deref().map(|id| storable(id).into_owned()))
        .bind(entry.old.as_ref().map(ToString::to_string))
        .bind(entry.new.as_ref().map(ToString::to_string))
        .execute(connection)
        .await?;
        Ok(())
    }
}
