//! `GET /organizations/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{Encoded, IfNoneMatch};
use crate::http::params::Path;
use crate::http::shared_reads::{self, Scope};
use axum::extract::OriginalUri;
use axum::response::Response;
use happening_core::id::OrganizationId;

/// One organization.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(organization): Path<OrganizationId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    caller.must_see(organization)?;
    // Staff see deleted ones too.
    let scope = if caller.is_staff() { Scope::of(caller) } else { Scope::Organization };
    let read = async || Encoded::edited(&services.organization(caller, organization).await?);
    shared_reads::one(&session.api, scope, &uri, &known, read).await
}
