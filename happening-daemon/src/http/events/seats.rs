//! `GET /events/:id/seats`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{self, IfNoneMatch};
use crate::http::params::Path;
use crate::http::shared_reads;
use crate::service::SeatsMark;
use axum::extract::OriginalUri;
use axum::response::Response;
use happening_core::id::EventId;

/// Which seats are taken and held. If nothing changed it is 304, or the answer that somebody else got, without a look into
/// the store.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(event): Path<EventId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    let current = services.seats_mark(caller, event).await?;
    if let Some(tag) = current.as_ref().map(SeatsMark::tag)
        && known.has(&tag)
    {
        return Ok(etag::not_modified(&tag));
    }
    let read = || services.marked_seats(caller, event);
    shared_reads::seats(&session.api, current, &uri, &known, read).await
}
