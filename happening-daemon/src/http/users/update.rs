//! `PUT /users/:id`

use crate::http::caller::Session;
use crate::http::edit::Edit;
use crate::http::error::Error;
use crate::http::etag::{self, IfMatch, IfNoneMatch};
use crate::http::params::Path;
use axum::response::Response;
use happening_core::id::UserId;
use happening_core::wire::UpdateUser;

/// Changes what the issuer does not know of oneself.
pub async fn put(
    session: Session,
    Path(user): Path<UserId>,
    IfMatch(precondition): IfMatch,
    Edit(update, fixed): Edit<UpdateUser>,
) -> Result<Response, Error> {
    let updated =
        session.services.update_user(&session.caller, user, update, &precondition.and(fixed)).await?;
    Ok(etag::edited(&IfNoneMatch::default(), &updated))
}
