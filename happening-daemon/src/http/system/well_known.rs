//! `GET /.well-known/happening`

use crate::http::State;
use crate::http::json::Json;
use axum::extract::State as Extract;
use happening_core::wire::Discovery;

/// All that a client needs to sign in.
pub async fn get(Extract(api): Extract<State>) -> Json<Discovery> {
    Json(api.discovery.clone())
}
