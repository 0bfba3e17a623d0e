//! `DELETE /organizations/:id?force=`

use crate::http::admin::jobs::Accepted;
use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::IfMatch;
use crate::http::json::Json;
use crate::http::params::{Flags, Path, flag};
use crate::http::prefer::{APPLIED, RESPOND_ASYNC, RespondAsync};
use crate::service::DeleteOrganization;
use axum::response::{IntoResponse as _, Response};
use happening_core::id::OrganizationId;
use happening_core::wire::Done;
use serde::Deserialize;

/// Whether upcoming events go with it.
#[derive(Deserialize)]
pub struct How {
    #[serde(default, deserialize_with = "flag")]
    force: bool,
}

/// Deletes an organization: at once, or, for clients that prefer it and where there are many events, by a job.
pub async fn delete(
    session: Session,
    Path(organization): Path<OrganizationId>,
    Flags(how): Flags<How>,
    RespondAsync(as_job): RespondAsync,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Error> {
    let how = DeleteOrganization { force: how.force, as_job };
    let started =
        session.services.delete_organization(&session.caller, organization, how, &precondition).await?;
    Ok(match started {
        Some(job) => ([(APPLIED, RESPOND_ASYNC)], Accepted(job)).into_response(),
        None => Json(Done { ok: true }).into_response(),
    })
}
