//! `GET /events/:id/bookings?status=&q=&limit=&cursor=`

use crate::http::caller::Session;
use crate::http::csv::{self, WantsCsv};
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use axum::response::{IntoResponse as _, Response};
use happening_core::id::EventId;
use happening_core::wire::BookingsQuery;
use std::sync::Arc;

/// Who booked, newest first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(event): Path<EventId>,
    Query(query): Query<BookingsQuery>,
    WantsCsv(wants_csv): WantsCsv,
) -> Result<Response, Error> {
    let page = session.services.bookings_at(&session.caller, event, query.clone()).await?;
    if !wants_csv {
        return Ok(Paged::new(&uri, page.items, "cursor", page.next).into_response());
    }
    let session = Arc::new(session);
    let is_one_page = query.limit.is_some();
    Ok(csv::list(&uri, page, is_one_page, move |cursor| {
        let (session, query) =
            (session.clone(), BookingsQuery { cursor: cursor.parse().ok(), ..query.clone() });
        async move { session.services.bookings_at(&session.caller, event, query).await }
    }))
}
