//! `PUT /events/:id/holds/:token`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::ChangesOnly;
use crate::http::json::Json;
use crate::http::params::Path;
use axum::body::HttpBody as _;
use axum::extract::{FromRequest, Request};
use happening_core::id::EventId;
use happening_core::wire::{ChangeHold, Hold};
use uuid::Uuid;

/// Has a hold last longer, or be of other seats.
pub async fn put(
    session: Session,
    _: ChangesOnly,
    Path((event, token)): Path<(EventId, Uuid)>,
    Change(change): Change,
) -> Result<Json<Hold>, Error> {
    Ok(Json(session.services.change_hold(&session.caller, event, token, change).await?))
}

/// The body. Without one the hold only lasts longer.
pub struct Change(ChangeHold);

impl<S: Send + Sync> FromRequest<S> for Change {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        if request.body().size_hint().exact() == Some(0) {
            return Ok(Self(ChangeHold::default()));
        }
        let Json(change) = Json::<Option<ChangeHold>>::from_request(request, state).await?;
        Ok(Self(change.unwrap_or_default()))
    }
}
