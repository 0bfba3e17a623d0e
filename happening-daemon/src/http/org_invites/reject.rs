//! `POST /org-invites/reject/:inviteId`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::InviteId;
use happening_core::wire::Invite;

/// The invited person declines. Comes without a body.
pub async fn post(session: Session, Path(invite): Path<InviteId>) -> Result<Json<Invite>, Error> {
    Ok(Json(session.services.reject_invite(&session.caller, invite).await?))
}
