//! `GET /organizations/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{self, IfNoneMatch};
use crate::http::params::Path;
use axum::response::Response;
use happening_core::id::OrganizationId;

/// One organization.
pub async fn get(
    session: Session,
    Path(organization): Path<OrganizationId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    Ok(etag::edited(&known, &session.services.organization(&session.caller, organization).await?))
}
