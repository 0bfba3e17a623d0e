//! `GET /organizations/:id/invites`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::OrganizationId;
use happening_core::wire::Invite;

/// Invites of an organization, newest first.
pub async fn get(
    session: Session,
    Path(organization): Path<OrganizationId>,
) -> Result<Json<Vec<Invite>>, Error> {
    Ok(Json(session.services.invites_of(&session.caller, organization).await?))
}
