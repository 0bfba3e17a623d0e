//! `PUT /users/:id/status`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::ChangesOnly;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::UserId;
use happening_core::wire::{SetUserStatus, User};

/// Suspends somebody, or lets them act again.
pub async fn put(
    session: Session,
    _: ChangesOnly,
    Path(user): Path<UserId>,
    Json(set): Json<SetUserStatus>,
) -> Result<Json<User>, Error> {
    Ok(Json(session.services.set_user_status(&session.caller, user, set.status).await?))
}
