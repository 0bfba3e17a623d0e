//! `GET /admin/queue`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use happening_core::wire::QueueStatus;

/// How queue, outbox and worker are.
pub async fn get(session: Session) -> Result<Json<QueueStatus>, Error> {
    Ok(Json(session.services.queue_status(&session.caller).await?))
}
