//! `GET /bookings/:id/waiting-position`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::BookingId;
use happening_core::wire::WaitingPosition;

/// Where a booking stands in line.
pub async fn get(session: Session, Path(booking): Path<BookingId>) -> Result<Json<WaitingPosition>, Error> {
    Ok(Json(session.services.waiting_position(&session.caller, booking).await?))
}
