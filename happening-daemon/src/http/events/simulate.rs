//! `POST /events/:id/waitlist/simulate`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::{Simulate, Simulation};

/// Who would be served if; changes nothing.
pub async fn post(
    session: Session,
    Path(event): Path<EventId>,
    Json(simulate): Json<Simulate>,
) -> Result<Json<Simulation>, Error> {
    Ok(Json(session.services.simulate(&session.caller, event, simulate).await?))
}
