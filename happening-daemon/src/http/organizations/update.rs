//! `PUT /organizations/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::OrganizationId;
use happening_core::wire::{Organization, UpdateOrganization};

/// Changes name or settings.
pub async fn put(
    session: Session,
    Path(organization): Path<OrganizationId>,
    Json(update): Json<UpdateOrganization>,
) -> Result<Json<Organization>, Error> {
    Ok(Json(session.services.update_organization(&session.caller, organization, update).await?))
}
