//! `POST /admin/jobs/:id/cancel`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::JobId;
use happening_core::wire::Job;

/// Asks for the end of a job. What it has done stays done.
pub async fn post(session: Session, Path(id): Path<JobId>) -> Result<Json<Job>, Error> {
    Ok(Json(session.services.cancel_job(&session.caller, id).await?))
}
