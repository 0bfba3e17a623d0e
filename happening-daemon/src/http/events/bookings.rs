//! `GET /events/:id/bookings?status=&q=&limit=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::EventId;
use happening_core::wire::{BookingsQuery, EventBooking};

/// Who booked, newest first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(event): Path<EventId>,
    Query(query): Query<BookingsQuery>,
) -> Result<Paged<EventBooking>, Error> {
    let (page, next) = session.services.bookings_at(&session.caller, event, query).await?;
    Ok(Paged::new(&uri, page, "cursor", next.map(|next| next.to_string())))
}
