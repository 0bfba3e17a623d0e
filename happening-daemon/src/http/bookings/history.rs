//! `GET /bookings/:id/history`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::BookingId;
use happening_core::wire::HistoryEntry;

/// What happened to a booking.
pub async fn get(session: Session, Path(booking): Path<BookingId>) -> Result<Json<Vec<HistoryEntry>>, Error> {
    Ok(Json(session.services.booking_history(&session.caller, booking).await?))
}
