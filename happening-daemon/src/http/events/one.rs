//! `GET /events/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::Event;

/// One event.
pub async fn get(session: Session, Path(event): Path<EventId>) -> Result<Json<Event>, Error> {
    Ok(Json(session.services.event(&session.caller, event).await?))
}
