//! `GET /events/:id/waitlist`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::WaitingParty;

/// Who waits, in line.
pub async fn get(session: Session, Path(event): Path<EventId>) -> Result<Json<Vec<WaitingParty>>, Error> {
    Ok(Json(session.services.waitlist(&session.caller, event).await?))
}
