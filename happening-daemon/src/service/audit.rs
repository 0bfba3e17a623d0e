//! Who did what: for those who govern, and for staff.

use super::{Caller, Error, Services};
use crate::store::AUDIT_PAGE;
use happening_core::id::OrganizationId;
use happening_core::wire::{AuditQuery, AuditRecord};

/// Most entries in a page.
const MOST: u32 = 500;

impl Services {
    /// What was done in an organization.
    pub async fn audit_of(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        query: &AuditQuery,
    ) -> Result<Vec<AuditRecord>, Error> {
        self.organization(caller, organization).await?;
        if !caller.governs(organization) && !caller.is_staff() {
            return Err(Error::forbidden("Only an orgAdmin reads the audit log."));
        }
        self.list_audit(Some(organization), query).await
    }

    /// What was done anywhere.
    pub async fn audit(&self, caller: &Caller, query: &AuditQuery) -> Result<Vec<AuditRecord>, Error> {
        if !caller.is_staff() {
            return Err(Error::forbidden("Only operators and support read this."));
        }
        self.list_audit(None, query).await
    }

    async fn list_audit(
        &self,
        organization: Option<OrganizationId>,
        query: &AuditQuery,
    ) -> Result<Vec<AuditRecord>, Error> {
        self.must_be_up()?;
        if !(1..=MOST).contains(&query.limit.unwrap_or(AUDIT_PAGE)) {
            return Err(Error::invalid("limit", format!("must be between 1 and {MOST}")));
        }
        Ok(self.store.list_audit(organization, query).await?)
    }
}
