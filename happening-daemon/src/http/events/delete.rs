//! `DELETE /events/:id?user_id=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::IfMatch;
use crate::http::json::Json;
use crate::http::params::{Path, Query};
use happening_core::id::{EventId, UserId};
use happening_core::wire::Done;
use serde::Deserialize;

/// Who asks, as the web client sends it.
#[derive(Deserialize)]
pub struct Asker {
    user_id: Option<UserId>,
}

/// Takes an event out of every list and tells those who booked.
pub async fn delete(
    session: Session,
    Path(event): Path<EventId>,
    Query(asker): Query<Asker>,
    IfMatch(precondition): IfMatch,
) -> Result<Json<Done>, Error> {
    session.services.delete_event(&session.caller, event, asker.user_id, &precondition).await?;
    Ok(Json(Done { ok: true }))
}
