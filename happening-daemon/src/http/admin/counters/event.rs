//! `GET /admin/redis/events/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::InspectedEvent;

/// What the counters hold of an event, beside the truth.
pub async fn get(session: Session, Path(event): Path<EventId>) -> Result<Json<InspectedEvent>, Error> {
    Ok(Json(session.services.inspect_event(&session.caller, event).await?))
}
