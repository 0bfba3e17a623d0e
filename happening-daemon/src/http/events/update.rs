//! `PUT /events/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::{Event, UpdateEvent};

/// Changes an event; more seats serve the waitlist.
pub async fn put(
    session: Session,
    Path(event): Path<EventId>,
    Json(update): Json<UpdateEvent>,
) -> Result<Json<Event>, Error> {
    Ok(Json(session.services.update_event(&session.caller, event, update).await?))
}
