//! `GET /users/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{self, IfNoneMatch};
use crate::http::params::Path;
use axum::response::Response;
use happening_core::id::UserId;

/// One person.
pub async fn get(session: Session, Path(user): Path<UserId>, known: IfNoneMatch) -> Result<Response, Error> {
    Ok(etag::edited(&known, &session.services.user(&session.caller, user).await?))
}
