//! `GET /users/:id/invite-blocks` and `DELETE /users/:id/invite-blocks/:organizationId`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{Done, InviteBlock};

/// Organizations whose invites do not reach the person.
pub async fn get(session: Session, Path(user): Path<UserId>) -> Result<Json<Vec<InviteBlock>>, Error> {
    Ok(Json(session.services.invite_blocks(&session.caller, user).await?))
}

/// Lets an organization's invites reach the person again.
pub async fn delete(
    session: Session,
    Path((user, organization)): Path<(UserId, OrganizationId)>,
) -> Result<Json<Done>, Error> {
    session.services.unblock_invites(&session.caller, user, organization).await?;
    Ok(Json(Done { ok: true }))
}
