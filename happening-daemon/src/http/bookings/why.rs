//! `GET /bookings/:id/why`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::BookingId;
use happening_core::wire::WhyWaiting;

/// Why it is not this booking's turn.
pub async fn get(session: Session, Path(booking): Path<BookingId>) -> Result<Json<WhyWaiting>, Error> {
    Ok(Json(session.services.why(&session.caller, booking).await?))
}
