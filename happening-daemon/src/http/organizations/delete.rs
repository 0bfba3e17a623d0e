//! `DELETE /organizations/:id?force=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::IfMatch;
use crate::http::json::Json;
use crate::http::params::{Flags, Path, flag};
use happening_core::id::OrganizationId;
use happening_core::wire::Done;
use serde::Deserialize;

/// Whether upcoming events go with it.
#[derive(Deserialize)]
pub struct How {
    #[serde(default, deserialize_with = "flag")]
    force: bool,
}

/// Deletes an organization.
pub async fn delete(
    session: Session,
    Path(organization): Path<OrganizationId>,
    Flags(how): Flags<How>,
    IfMatch(precondition): IfMatch,
) -> Result<Json<Done>, Error> {
    session.services.delete_organization(&session.caller, organization, how.force, &precondition).await?;
    Ok(Json(Done { ok: true }))
}
