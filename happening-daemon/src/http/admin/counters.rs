//! `/admin/redis`: the counters, by the name under which operators know them.

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::{Path, Query};
use happening_core::id::EventId;
use happening_core::wire::{InspectedEvent, KeysPage, KeysQuery};

/// `GET /admin/redis/events/:id`
///
/// What the counters hold of an event, beside the truth.
pub async fn event(session: Session, Path(event): Path<EventId>) -> Result<Json<InspectedEvent>, Error> {
    Ok(Json(session.services.inspect_event(&session.caller, event).await?))
}

/// `GET /admin/redis/keys?match=&cursor=`
///
/// Some keys of the counters.
pub async fn keys(session: Session, Query(query): Query<KeysQuery>) -> Result<Json<KeysPage>, Error> {
    Ok(Json(session.services.counter_keys(&session.caller, &query).await?))
}
