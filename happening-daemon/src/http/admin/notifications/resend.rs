//! `POST /admin/notifications/:id/resend`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::NotificationId;
use happening_core::wire::Done;

/// Delivers a notification once more.
pub async fn post(session: Session, Path(id): Path<NotificationId>) -> Result<Json<Done>, Error> {
    Ok(Json(session.services.resend_notification(&session.caller, id).await?))
}
