//! `/events/:id/holds`

use super::caller::Session;
use super::error::Error;
use super::etag::ChangesOnly;
use super::json::{Created, Json};
use super::params::Path;
use axum::body::HttpBody as _;
use axum::extract::{FromRequest, Request};
use happening_core::id::EventId;
use happening_core::wire::{ChangeHold, CreateHold, Done, Hold};
use uuid::Uuid;

/// `POST /events/:id/holds`
///
/// Holds seats for the caller while they decide.
pub async fn create(
    session: Session,
    Path(event): Path<EventId>,
    Json(create): Json<CreateHold>,
) -> Result<Created<Hold>, Error> {
    Ok(Created(session.services.create_hold(&session.caller, event, create).await?))
}

/// `PUT /events/:id/holds/:token`
///
/// Has a hold last longer, or be of other seats.
pub async fn extend(
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

/// `DELETE /events/:id/holds/:token`
///
/// Ends a hold.
pub async fn release(
    session: Session,
    Path((event, token)): Path<(EventId, Uuid)>,
) -> Result<Json<Done>, Error> {
    Ok(Json(session.services.release_hold(&session.caller, event, token).await?))
}
