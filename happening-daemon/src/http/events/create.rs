//! `POST /events`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::{Created, Json};
use happening_core::wire::{CreateEvent, Event};

/// Publishes an event.
pub async fn post(session: Session, Json(create): Json<CreateEvent>) -> Result<Created<Event>, Error> {
    Ok(Created(session.services.create_event(&session.caller, create).await?))
}
