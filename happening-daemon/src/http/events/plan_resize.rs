//! `POST /events/:id/resize/plan`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::EventId;
use happening_core::wire::{PlanResize, ResizePlan};

/// What a resize would do; changes nothing.
pub async fn post(
    session: Session,
    Path(event): Path<EventId>,
    Json(plan): Json<PlanResize>,
) -> Result<Json<ResizePlan>, Error> {
    Ok(Json(session.services.plan_resize(&session.caller, event, plan).await?))
}
