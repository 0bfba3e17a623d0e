//! `GET /bookings/user/:userId`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::UserId;
use happening_core::wire::BookingWithEvent;

/// Someone's bookings, newest first.
pub async fn get(session: Session, Path(user): Path<UserId>) -> Result<Json<Vec<BookingWithEvent>>, Error> {
    Ok(Json(session.services.bookings_of(&session.caller, user).await?))
}
