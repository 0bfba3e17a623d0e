//! `GET /organizations/:id/audit`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::OrganizationId;
use happening_core::wire::{AuditQuery, AuditRecord};

/// What was done in an organization, newest first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<AuditQuery>,
) -> Result<Paged<AuditRecord>, Error> {
    let page = session.services.audit_of(&session.caller, organization, &query).await?;
    Ok(Paged::new(&uri, page.items, "before", page.next))
}
