//! `/org-invites`

use super::caller::Session;
use super::error::Error;
use super::etag::{Encoded, IfNoneMatch};
use super::json::{Created, Json};
use super::params::{Path, Query};
use super::shared_reads::{self, Scope};
use axum::extract::OriginalUri;
use axum::response::Response;
use happening_core::id::{InviteId, UserId};
use happening_core::wire::{CreateInvite, Done, Invite, InviteSent};
use serde::Deserialize;

/// `POST /org-invites/send` and `POST /org-invites`
///
/// Invites somebody. Only this answer holds the token.
pub async fn send(session: Session, Json(create): Json<CreateInvite>) -> Result<Created<InviteSent>, Error> {
    Ok(Created(session.services.send_invite(&session.caller, create).await?))
}

/// `GET /org-invites/pending/:userId`
///
/// Invites that wait for somebody's answer.
pub async fn pending(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(user): Path<UserId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    let read = async || Encoded::of(&services.pending_invites(caller, user).await?);
    shared_reads::one(&session.api, Scope::of(caller), &uri, &known, read).await
}

/// `POST /org-invites/accept/:inviteId`
///
/// The invited person becomes a member. Comes without a body.
pub async fn accept(session: Session, Path(invite): Path<InviteId>) -> Result<Json<Invite>, Error> {
    Ok(Json(session.services.accept_invite(&session.caller, invite).await?))
}

/// How the invite is declined.
#[derive(Deserialize)]
pub struct How {
    /// Whether no invite of the organization is to reach the person any more.
    #[serde(default)]
    block: bool,
}

/// `POST /org-invites/reject/:inviteId?block=`
///
/// The invited person declines. Comes without a body.
pub async fn reject(
    session: Session,
    Path(invite): Path<InviteId>,
    Query(how): Query<How>,
) -> Result<Json<Invite>, Error> {
    Ok(Json(session.services.reject_invite(&session.caller, invite, how.block).await?))
}

/// `GET /org-invites/:token`
///
/// The invite with this token, for its holder.
pub async fn by_token(session: Session, Path(token): Path<String>) -> Result<Json<Invite>, Error> {
    Ok(Json(session.services.invite_by_token(&token).await?))
}

/// `DELETE /org-invites/:id`
///
/// Takes an invite back.
pub async fn revoke(session: Session, Path(invite): Path<InviteId>) -> Result<Json<Done>, Error> {
    session.services.revoke_invite(&session.caller, invite).await?;
    Ok(Json(Done { ok: true }))
}

/// `POST /org-invites/:id/resend`
///
/// Invites again: a new token, and as much time as at first. Comes without a body.
pub async fn resend(session: Session, Path(invite): Path<InviteId>) -> Result<Json<InviteSent>, Error> {
    Ok(Json(session.services.resend_invite(&session.caller, invite).await?))
}
