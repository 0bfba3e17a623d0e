//! `POST /bookings/:id/move`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::BookingId;
use happening_core::wire::{Booking, MoveBooking};

/// Gives a confirmed booking other seats.
pub async fn post(
    session: Session,
    Path(booking): Path<BookingId>,
    Json(to): Json<MoveBooking>,
) -> Result<Json<Booking>, Error> {
    Ok(Json(session.services.move_booking(&session.caller, booking, to, session.key_guard).await?))
}
