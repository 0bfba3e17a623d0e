//! `GET /admin/audit`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::Query;
use axum::extract::OriginalUri;
use happening_core::wire::{AuditQuery, AuditRecord};

/// What was done anywhere, newest first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<AuditQuery>,
) -> Result<Paged<AuditRecord>, Error> {
    let page = session.services.audit(&session.caller, &query).await?;
    Ok(Paged::new(&uri, page.items, "before", page.next))
}
