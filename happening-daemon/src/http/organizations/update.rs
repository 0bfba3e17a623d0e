//! `PUT /organizations/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{self, IfMatch, IfNoneMatch};
use crate::http::json::Json;
use crate::http::params::Path;
use axum::response::Response;
use happening_core::id::OrganizationId;
use happening_core::wire::UpdateOrganization;

/// Changes name or settings.
pub async fn put(
    session: Session,
    Path(organization): Path<OrganizationId>,
    IfMatch(basis): IfMatch,
    Json(update): Json<UpdateOrganization>,
) -> Result<Response, Error> {
    let updated = session.services.update_organization(&session.caller, organization, update, &basis).await?;
    Ok(etag::edited(&IfNoneMatch::default(), &updated))
}
