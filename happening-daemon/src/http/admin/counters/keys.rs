//! `GET /admin/redis/keys?match=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Query;
use happening_core::wire::{KeysPage, KeysQuery};

/// Some keys of the counters.
pub async fn get(session: Session, Query(query): Query<KeysQuery>) -> Result<Json<KeysPage>, Error> {
    Ok(Json(session.services.counter_keys(&session.caller, &query).await?))
}
