//! `POST /bookings/:id/cancel?only_waiting=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::{Path, Query};
use happening_core::id::BookingId;
use happening_core::wire::{CancelAnswer, CancelQuery};

/// Cancels a booking or leaves the waitlist. Comes without a body.
pub async fn post(
    session: Session,
    Path(booking): Path<BookingId>,
    Query(query): Query<CancelQuery>,
) -> Result<Json<CancelAnswer>, Error> {
    Ok(Json(session.services.cancel_booking(&session.caller, booking, query, session.key_guard).await?))
}
