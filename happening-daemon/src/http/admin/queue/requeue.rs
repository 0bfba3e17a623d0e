//! `POST /admin/queue/parked/:id/requeue`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::ParkedId;
use happening_core::wire::Done;

/// Publishes something parked once more.
pub async fn post(session: Session, Path(id): Path<ParkedId>) -> Result<Json<Done>, Error> {
    Ok(Json(session.services.requeue_parked(&session.caller, id).await?))
}
