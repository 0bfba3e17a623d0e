//! `GET /events/:id/seats`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::SeatMap;

/// Which seats are taken and held.
pub async fn get(session: Session, Path(event): Path<EventId>) -> Result<Json<SeatMap>, Error> {
    Ok(Json(session.services.seats(&session.caller, event).await?))
}
