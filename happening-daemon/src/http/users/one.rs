//! `GET /users/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::UserId;
use happening_core::wire::User;

/// One person.
pub async fn get(session: Session, Path(user): Path<UserId>) -> Result<Json<User>, Error> {
    Ok(Json(session.services.user(&session.caller, user).await?))
}
