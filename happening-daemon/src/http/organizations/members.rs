//! `GET /organizations/:id/members`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::OrganizationId;
use happening_core::wire::Member;

/// Members, orgAdmins first.
pub async fn get(
    session: Session,
    Path(organization): Path<OrganizationId>,
) -> Result<Json<Vec<Member>>, Error> {
    Ok(Json(session.services.members(&session.caller, organization).await?))
}
