//! `PUT /organizations/:id/status`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::ChangesOnly;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::OrganizationId;
use happening_core::wire::{Organization, SetOrganizationStatus};

/// Suspends an organization, or lets it go on.
pub async fn put(
    session: Session,
    _: ChangesOnly,
    Path(organization): Path<OrganizationId>,
    Json(set): Json<SetOrganizationStatus>,
) -> Result<Json<Organization>, Error> {
    Ok(Json(session.services.set_organization_status(&session.caller, organization, set.status).await?))
}
