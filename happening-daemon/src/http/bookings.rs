//! `/bookings`

use super::caller::Session;
use super::error::Error;
use super::json::{Created, Json};
use super::page::Paged;
use super::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::{BookingId, UserId};
use happening_core::wire::{
    Booking, BookingSeat, BookingWithEvent, CancelAnswer, CancelQuery, CancelSeats, CreateBooking,
    HistoryEntry, MoveBooking, PageQuery, SeatsCancelled, WaitingPosition, WhyWaiting,
};

/// `POST /bookings`
///
/// Books seats, or waits for them.
pub async fn create(session: Session, Json(create): Json<CreateBooking>) -> Result<Created<Booking>, Error> {
    Ok(Created(session.services.create_booking(&session.caller, create, session.key_guard).await?))
}

/// `GET /bookings/user/:userId?limit=&cursor=`
///
/// Someone's bookings, newest first.
pub async fn of_user(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(user): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<BookingWithEvent>, Error> {
    let page = session.services.bookings_of(&session.caller, user, &query).await?;
    Ok(Paged::new(&uri, page.items, "cursor", page.next))
}

/// `GET /bookings/:id`
///
/// One booking with its seats.
pub async fn get(session: Session, Path(booking): Path<BookingId>) -> Result<Json<Booking>, Error> {
    Ok(Json(session.services.booking(&session.caller, booking).await?))
}

/// `GET /bookings/:id/seats`
///
/// Every seat that a booking has or had.
pub async fn seats(
    session: Session,
    Path(booking): Path<BookingId>,
) -> Result<Json<Vec<BookingSeat>>, Error> {
    Ok(Json(session.services.booking_seats(&session.caller, booking).await?))
}

/// `GET /bookings/:id/waiting-position`
///
/// Where a booking stands in line.
pub async fn waiting_position(
    session: Session,
    Path(booking): Path<BookingId>,
) -> Result<Json<WaitingPosition>, Error> {
    Ok(Json(session.services.waiting_position(&session.caller, booking).await?))
}

/// `GET /bookings/:id/why`
///
/// Why it is not this booking's turn.
pub async fn why(session: Session, Path(booking): Path<BookingId>) -> Result<Json<WhyWaiting>, Error> {
    Ok(Json(session.services.why(&session.caller, booking).await?))
}

/// `GET /bookings/:id/history`
///
/// What happened to a booking.
pub async fn history(
    session: Session,
    Path(booking): Path<BookingId>,
) -> Result<Json<Vec<HistoryEntry>>, Error> {
    Ok(Json(session.services.booking_history(&session.caller, booking).await?))
}

/// `POST /bookings/:id/cancel?only_waiting=`
///
/// Cancels a booking or leaves the waitlist. Comes without a body.
pub async fn cancel(
    session: Session,
    Path(booking): Path<BookingId>,
    Query(query): Query<CancelQuery>,
) -> Result<Json<CancelAnswer>, Error> {
    Ok(Json(session.services.cancel_booking(&session.caller, booking, query, session.key_guard).await?))
}

/// `POST /bookings/:id/cancel-seats`
///
/// Gives some seats back.
pub async fn cancel_seats(
    session: Session,
    Path(booking): Path<BookingId>,
    Json(cancel): Json<CancelSeats>,
) -> Result<Json<SeatsCancelled>, Error> {
    Ok(Json(session.services.cancel_seats(&session.caller, booking, cancel, session.key_guard).await?))
}

/// `POST /bookings/:id/move`
///
/// Gives a confirmed booking other seats.
pub async fn move_to(
    session: Session,
    Path(booking): Path<BookingId>,
    Json(to): Json<MoveBooking>,
) -> Result<Json<Booking>, Error> {
    Ok(Json(session.services.move_booking(&session.caller, booking, to, session.key_guard).await?))
}
