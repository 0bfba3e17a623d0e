//! `GET /bookings/:id/seats`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::BookingId;
use happening_core::wire::BookingSeat;

/// Every seat that a booking has or had.
pub async fn get(session: Session, Path(booking): Path<BookingId>) -> Result<Json<Vec<BookingSeat>>, Error> {
    Ok(Json(session.services.booking_seats(&session.caller, booking).await?))
}
