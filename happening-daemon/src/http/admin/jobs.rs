//! `/admin/jobs`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use happening_core::id::JobId;
use happening_core::wire::{Job, JobsQuery};

/// What was asked for is under way (RFC 9110, section 15.3.3): 202 with the job, and where to look.
pub struct Accepted(pub Job);

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let location = format!("/admin/jobs/{}", self.0.id);
        (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(self.0)).into_response()
    }
}

/// `GET /admin/jobs?limit=&cursor=`
///
/// Jobs without their results, newest first.
pub async fn list(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<JobsQuery>,
) -> Result<Paged<Job>, Error> {
    let (page, next) = session.services.jobs(&session.caller, query).await?;
    Ok(Paged::new(&uri, page, "cursor", next.map(|next| next.to_string())))
}

/// `GET /admin/jobs/:id`
///
/// How far a job has come, and what came of it.
pub async fn get(session: Session, Path(id): Path<JobId>) -> Result<Json<Job>, Error> {
    Ok(Json(session.services.job(&session.caller, id).await?))
}

/// `POST /admin/jobs/:id/cancel`
///
/// Asks for the end of a job. What it has done stays done.
pub async fn cancel(session: Session, Path(id): Path<JobId>) -> Result<Json<Job>, Error> {
    Ok(Json(session.services.cancel_job(&session.caller, id).await?))
}
