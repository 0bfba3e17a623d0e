//! `POST /org-invites/reject/:inviteId?block=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::{Path, Query};
use happening_core::id::InviteId;
use happening_core::wire::Invite;
use serde::Deserialize;

/// How the invite is declined.
#[derive(Deserialize)]
pub struct How {
    /// Whether no invite of the organization is to reach the person any more.
    #[serde(default)]
    block: bool,
}

/// The invited person declines. Comes without a body.
pub async fn post(
    session: Session,
    Path(invite): Path<InviteId>,
    Query(how): Query<How>,
) -> Result<Json<Invite>, Error> {
    Ok(Json(session.services.reject_invite(&session.caller, invite, how.block).await?))
}
