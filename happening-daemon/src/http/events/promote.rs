//! `POST /events/:id/waitlist/promote`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::{Promote, Promotions};

/// Serves the line with what is free, or one party out of turn.
pub async fn post(
    session: Session,
    Path(event): Path<EventId>,
    Json(promote): Json<Promote>,
) -> Result<Json<Promotions>, Error> {
    Ok(Json(session.services.promote(&session.caller, event, promote, session.key_guard).await?))
}
