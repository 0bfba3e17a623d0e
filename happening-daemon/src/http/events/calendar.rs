//! `GET /events/:id/calendar.ics`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::params::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use happening_core::id::EventId;

/// An event as a file for calendars.
pub async fn get(session: Session, Path(event): Path<EventId>) -> Result<Response, Error> {
    let calendar = session.services.event_calendar(&session.caller, event).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"event.ics\""),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, calendar).into_response())
}
