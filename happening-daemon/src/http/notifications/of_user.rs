//! `GET /notifications/user/:userId`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::UserId;
use happening_core::wire::Notification;

/// What someone was told, newest first.
pub async fn get(session: Session, Path(user): Path<UserId>) -> Result<Json<Vec<Notification>>, Error> {
    Ok(Json(session.services.notifications_of(&session.caller, user).await?))
}
