//! `GET /db-test`

use crate::http::State;
use crate::http::error::Error;
use crate::http::json::Json;
use axum::extract::State as Extract;
use happening_core::wire::ErrorCode;
use serde_json::{Value, json};

/// Whether the database answers, with its own time.
pub async fn get(Extract(api): Extract<State>) -> Result<Json<Value>, Error> {
    let away = || Error::new(ErrorCode::Unavailable, "The database does not answer.");
    if api.services.store_liveness.is_down() {
        return Err(away());
    }
    let now = api.services.store.ping().await.map_err(|_| away())?;
    Ok(Json(json!({ "postgresql": { "now": now }, "socketio": true })))
}
