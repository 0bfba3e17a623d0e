//! `POST /bookings`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::{Created, Json};
use happening_core::wire::{Booking, CreateBooking};

/// Books seats, or waits for them.
pub async fn post(session: Session, Json(create): Json<CreateBooking>) -> Result<Created<Booking>, Error> {
    Ok(Created(session.services.create_booking(&session.caller, create, session.key_guard).await?))
}
