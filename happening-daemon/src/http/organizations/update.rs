//! `PUT /organizations/:id`

use crate::http::caller::Session;
use crate::http::edit::Edit;
use crate::http::error::Error;
use crate::http::etag::{self, IfMatch, IfNoneMatch};
use crate::http::params::Path;
use axum::response::Response;
use happening_core::id::OrganizationId;
use happening_core::wire::UpdateOrganization;

/// Changes name or settings.
pub async fn put(
    session: Session,
    Path(organization): Path<OrganizationId>,
    IfMatch(precondition): IfMatch,
    Edit(update, fixed): Edit<UpdateOrganization>,
) -> Result<Response, Error> {
    let updated = session
        .services
        .update_organization(&session.caller, organization, update, &precondition.and(fixed))
        .await?;
    Ok(etag::edited(&IfNoneMatch::default(), &updated))
}
