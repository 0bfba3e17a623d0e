//! `DELETE /organizations/:id/service-accounts/:clientId`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::OrganizationId;
use happening_core::wire::Done;

/// Takes a client's role from it.
pub async fn delete(
    session: Session,
    Path((organization, client)): Path<(OrganizationId, String)>,
) -> Result<Json<Done>, Error> {
    session.services.unmap_service_account(&session.caller, organization, &client).await?;
    Ok(Json(Done { ok: true }))
}
