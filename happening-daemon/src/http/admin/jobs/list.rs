//! `GET /admin/jobs?limit=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::Query;
use axum::extract::OriginalUri;
use happening_core::wire::{Job, JobsQuery};

/// Jobs without their results, newest first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<JobsQuery>,
) -> Result<Paged<Job>, Error> {
    let (page, next) = session.services.jobs(&session.caller, query).await?;
    Ok(Paged::new(&uri, page, "cursor", next.map(|next| next.to_string())))
}
