//! `GET /organizations/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::OrganizationId;
use happening_core::wire::Organization;

/// One organization.
pub async fn get(
    session: Session,
    Path(organization): Path<OrganizationId>,
) -> Result<Json<Organization>, Error> {
    Ok(Json(session.services.organization(&session.caller, organization).await?))
}
