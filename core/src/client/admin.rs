//! `/admin`.

use super::{Client, ClientError, Page};
use crate::wire::{AuditQuery, AuditRecord};

impl Client {
    /// What was done anywhere, newest first.
    pub async fn audit(&self, query: &AuditQuery) -> Result<Page<AuditRecord>, ClientError> {
        self.get_page("/admin/audit", query).await
    }
}
