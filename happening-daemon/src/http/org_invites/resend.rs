//! `POST /org-invites/:id/resend`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::InviteId;
use happening_core::wire::InviteSent;

/// Invites again: a new token, and as much time as at first. Comes without a body.
pub async fn post(session: Session, Path(invite): Path<InviteId>) -> Result<Json<InviteSent>, Error> {
    Ok(Json(session.services.resend_invite(&session.caller, invite).await?))
}
