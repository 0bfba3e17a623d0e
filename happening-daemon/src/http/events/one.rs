//! `GET /events/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{self, IfNoneMatch};
use crate::http::params::Path;
use axum::response::Response;
use happening_core::id::EventId;

/// One event.
pub async fn get(
    session: Session,
    Path(event): Path<EventId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    Ok(etag::edited(&known, &session.services.event(&session.caller, event).await?))
}
