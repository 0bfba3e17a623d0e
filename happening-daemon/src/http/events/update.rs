//! `PUT /events/:id`

use crate::http::caller::Session;
use crate::http::edit::Edit;
use crate::http::error::Error;
use crate::http::etag::{self, IfMatch, IfNoneMatch};
use crate::http::params::Path;
use axum::response::Response;
use happening_core::id::EventId;
use happening_core::wire::UpdateEvent;

/// Changes an event; more seats serve the waitlist.
pub async fn put(
    session: Session,
    Path(event): Path<EventId>,
    IfMatch(precondition): IfMatch,
    Edit(update, fixed): Edit<UpdateEvent>,
) -> Result<Response, Error> {
    let updated =
        session.services.update_event(&session.caller, event, update, &precondition.and(fixed)).await?;
    Ok(etag::edited(&IfNoneMatch::default(), &updated))
}
