//! `POST /users`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::{Created, Json};
use happening_core::wire::{CreateUser, SignedUp};

/// The first sign-in; harmless the second time.
pub async fn post(session: Session, Json(create): Json<CreateUser>) -> Result<Created<SignedUp>, Error> {
    Ok(Created(session.services.sign_up(&session.caller, create, &session.api.client_id).await?))
}
