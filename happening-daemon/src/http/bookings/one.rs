//! `GET /bookings/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::BookingId;
use happening_core::wire::Booking;

/// One booking with its seats.
pub async fn get(session: Session, Path(booking): Path<BookingId>) -> Result<Json<Booking>, Error> {
    Ok(Json(session.services.booking(&session.caller, booking).await?))
}
