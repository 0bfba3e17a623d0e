//! `GET /org-invites/:token`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::wire::Invite;

/// The invite with this token, for whoever holds it.
pub async fn get(session: Session, Path(token): Path<String>) -> Result<Json<Invite>, Error> {
    Ok(Json(session.services.invite_by_token(&token).await?))
}
