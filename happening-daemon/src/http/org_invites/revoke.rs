//! `DELETE /org-invites/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::InviteId;
use happening_core::wire::Done;

/// Takes an invite back.
pub async fn delete(session: Session, Path(invite): Path<InviteId>) -> Result<Json<Done>, Error> {
    session.services.revoke_invite(&session.caller, invite).await?;
    Ok(Json(Done { ok: true }))
}
