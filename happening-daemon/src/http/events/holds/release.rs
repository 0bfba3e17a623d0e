//! `DELETE /events/:id/holds/:token`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::Done;
use uuid::Uuid;

/// Ends a hold.
pub async fn delete(
    session: Session,
    Path((event, token)): Path<(EventId, Uuid)>,
) -> Result<Json<Done>, Error> {
    Ok(Json(session.services.release_hold(&session.caller, event, token).await?))
}
