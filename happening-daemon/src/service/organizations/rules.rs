//! The rules of organizations, each a function in a unit of work: what founding, changing and closing one means.
//!
//! Who may call them is checked before, in `service/organizations.rs` and `service/governance.rs`.

use crate::service::Error;
use crate::service::unit_of_work::UnitOfWork;
use crate::store::{AuditEntry, KeycloakTask};
use happening_core::id::OrganizationId;

/// Closes an organization, which is locked. Its row stays: bookings and the audit log speak of it.
pub(crate) async fn close(unit: &mut UnitOfWork, organization: OrganizationId) -> Result<(), Error> {
    unit.delete_organization(organization).await?;
    unit.record(&AuditEntry::of_organization("organization.deleted", organization)).await?;
    unit.queue(&KeycloakTask::Organization(organization)).await
}
