//! `GET /users/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{Encoded, IfNoneMatch};
use crate::http::params::Path;
use crate::http::shared_reads::{self, Scope};
use axum::extract::OriginalUri;
use axum::response::Response;
use happening_core::id::UserId;

/// One person.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(user): Path<UserId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    let read = async || Encoded::edited(&services.user(caller, user).await?);
    shared_reads::one(&session.api, Scope::of(caller), &uri, &known, read).await
}
