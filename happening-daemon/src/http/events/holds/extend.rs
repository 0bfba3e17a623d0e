//! `PUT /events/:id/holds/:token`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::Hold;
use uuid::Uuid;

/// Has a hold last longer.
pub async fn put(session: Session, Path((event, token)): Path<(EventId, Uuid)>) -> Result<Json<Hold>, Error> {
    Ok(Json(session.services.extend_hold(&session.caller, event, token).await?))
}
