//! `/admin`.

use super::{Client, ClientError, Page};
use crate::wire::{AdminStatus, AuditQuery, AuditRecord};

impl Client {
    /// How the daemon and its parts are, for operators and support.
    pub async fn admin_status(&self) -> Result<AdminStatus, ClientError> {
        self.get("/admin/status").await
    }

    /// What was done anywhere, newest first.
    pub async fn audit(&self, query: &AuditQuery) -> Result<Page<AuditRecord>, ClientError> {
        self.get_page("/admin/audit", query).await
    }
}
