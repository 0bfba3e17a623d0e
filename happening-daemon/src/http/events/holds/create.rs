//! `POST /events/:id/holds`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::{Created, Json};
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::{CreateHold, Hold};

/// Holds seats for the caller while they decide.
pub async fn post(
    session: Session,
    Path(event): Path<EventId>,
    Json(create): Json<CreateHold>,
) -> Result<Created<Hold>, Error> {
    Ok(Created(session.services.create_hold(&session.caller, event, create).await?))
}
