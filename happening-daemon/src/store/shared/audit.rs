//! The audit log, read.

/// Implements [`super::super::AuditLog`].
macro_rules! impl_audit {
    ($store:ty) => {
        #[async_trait]
        impl AuditLog for $store {
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
    };
}
pub(crate) use impl_audit;
