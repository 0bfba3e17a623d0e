//! `POST /org-invites/send` and `POST /org-invites`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::{Created, Json};
use happening_core::wire::{CreateInvite, InviteSent};

/// Invites somebody. Only this answer holds the token.
pub async fn post(session: Session, Json(create): Json<CreateInvite>) -> Result<Created<InviteSent>, Error> {
    Ok(Created(session.services.send_invite(&session.caller, create).await?))
}
