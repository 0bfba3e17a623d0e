//! `PUT /events/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{self, IfMatch, IfNoneMatch};
use crate::http::json::Json;
use crate::http::params::Path;
use axum::response::Response;
use happening_core::id::EventId;
use happening_core::wire::UpdateEvent;

/// Changes an event; more seats serve the waitlist.
pub async fn put(
    session: Session,
    Path(event): Path<EventId>,
    IfMatch(basis): IfMatch,
    Json(update): Json<UpdateEvent>,
) -> Result<Response, Error> {
    let updated = session.services.update_event(&session.caller, event, update, &basis).await?;
    Ok(etag::edited(&IfNoneMatch::default(), &updated))
}
