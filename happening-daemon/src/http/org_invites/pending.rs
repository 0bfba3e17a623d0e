//! `GET /org-invites/pending/:userId`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::UserId;
use happening_core::wire::Invite;

/// Invites that wait for somebody's answer.
pub async fn get(session: Session, Path(user): Path<UserId>) -> Result<Json<Vec<Invite>>, Error> {
    Ok(Json(session.services.pending_invites(&session.caller, user).await?))
}
