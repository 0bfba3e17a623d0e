//! `POST /bookings/:id/cancel-seats`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::BookingId;
use happening_core::wire::{CancelSeats, SeatsCancelled};

/// Gives some seats back.
pub async fn post(
    session: Session,
    Path(booking): Path<BookingId>,
    Json(cancel): Json<CancelSeats>,
) -> Result<Json<SeatsCancelled>, Error> {
    Ok(Json(session.services.cancel_seats(&session.caller, booking, cancel, session.key_guard).await?))
}
