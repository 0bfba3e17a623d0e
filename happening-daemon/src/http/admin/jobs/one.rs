//! `GET /admin/jobs/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::JobId;
use happening_core::wire::Job;

/// How far a job has come, and what came of it.
pub async fn get(session: Session, Path(id): Path<JobId>) -> Result<Json<Job>, Error> {
    Ok(Json(session.services.job(&session.caller, id).await?))
}
