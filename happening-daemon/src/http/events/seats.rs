//! `GET /events/:id/seats`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{self, IfNoneMatch};
use crate::http::params::Path;
use axum::response::Response;
use happening_core::id::EventId;

/// Which seats are taken and held. 304 if nothing changed, without a look into the store.
pub async fn get(
    session: Session,
    Path(event): Path<EventId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    if !known.is_empty()
        && let Some(tag) = services.seats_tag(caller, event).await?
        && known.has(&tag)
    {
        return Ok(etag::not_modified(&tag));
    }
    let (tag, seats) = services.tagged_seats(caller, event).await?;
    Ok(etag::json(&tag, seats))
}
