//! `GET /events/:id/waitlist/why?booking_id=` or `?user_id=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::{Path, Query};
use happening_core::id::EventId;
use happening_core::wire::{WhyQuery, WhyWaiting};

/// Why it is not somebody's turn.
pub async fn get(
    session: Session,
    Path(event): Path<EventId>,
    Query(query): Query<WhyQuery>,
) -> Result<Json<Vec<WhyWaiting>>, Error> {
    Ok(Json(session.services.why_at(&session.caller, event, query).await?))
}
