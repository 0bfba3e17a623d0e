//! `PUT` and `DELETE /organizations/:id/members/:userId`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::IfMatch;
use crate::http::json::Json;
use crate::http::params::Path;
use axum::http::StatusCode;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{Done, MemberSet, SetMember};

/// Sets a member's role (200); who is not a member is invited (202). With `If-None-Match: *` no member's role is changed.
pub async fn put(
    session: Session,
    IfMatch(precondition): IfMatch,
    Path((organization, user)): Path<(OrganizationId, UserId)>,
    Json(member): Json<SetMember>,
) -> Result<(StatusCode, Json<MemberSet>), Error> {
    let set =
        session.services.set_member(&session.caller, organization, user, member.role, &precondition).await?;
    Ok((if set.invited { StatusCode::ACCEPTED } else { StatusCode::OK }, Json(set)))
}

/// Removes a member; members may leave by themselves.
pub async fn delete(
    session: Session,
    Path((organization, user)): Path<(OrganizationId, UserId)>,
) -> Result<Json<Done>, Error> {
    session.services.remove_member(&session.caller, organization, user).await?;
    Ok(Json(Done { ok: true }))
}
