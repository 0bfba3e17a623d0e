//! `POST /users/:id/erase`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::UserId;
use happening_core::wire::{Done, EraseUser};

/// Forgets a person.
pub async fn post(
    session: Session,
    Path(user): Path<UserId>,
    Json(erase): Json<EraseUser>,
) -> Result<Json<Done>, Error> {
    session.services.erase_user(&session.caller, user, erase).await?;
    Ok(Json(Done { ok: true }))
}
