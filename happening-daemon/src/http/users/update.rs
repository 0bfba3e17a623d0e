//! `PUT /users/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::UserId;
use happening_core::wire::{UpdateUser, User};

/// Changes what the issuer does not know of oneself.
pub async fn put(
    session: Session,
    Path(user): Path<UserId>,
    Json(update): Json<UpdateUser>,
) -> Result<Json<User>, Error> {
    Ok(Json(session.services.update_user(&session.caller, user, update).await?))
}
