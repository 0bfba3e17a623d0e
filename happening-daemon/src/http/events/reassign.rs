//! `POST /events/:id/reassign`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::{Event, ReassignEvent};

/// Hands an event to another organizer.
pub async fn post(
    session: Session,
    Path(event): Path<EventId>,
    Json(reassign): Json<ReassignEvent>,
) -> Result<Json<Event>, Error> {
    Ok(Json(session.services.reassign_event(&session.caller, event, reassign).await?))
}
