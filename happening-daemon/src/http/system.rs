//! What says how the daemon is, and where to sign in.

use super::State;
use super::error::Error;
use super::json::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use happening_core::wire::{Discovery, ErrorCode, Health, PartHealth, Readiness};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `GET /`
///
/// What this is.
pub async fn root() -> Json<Value> {
    Json(json!({
        "message": "Happening: events, bookings, waitlists",
        "status": "Running",
        "version": env!("CARGO_PKG_VERSION"),
        "features": ["events", "bookings", "waitlists", "notifications", "organizations"],
    }))
}

/// `GET /db-test`
///
/// Whether the database answers, with its own time.
pub async fn db_test(Extract(api): Extract<State>) -> Result<Json<Value>, Error> {
    let away = || Error::new(ErrorCode::Unavailable, "The database does not answer.");
    if api.services.store_liveness.is_down() {
        return Err(away());
    }
    let now = api.services.store.ping().await.map_err(|_| away())?;
    Ok(Json(json!({ "postgresql": { "now": now }, "socketio": true })))
}

/// `GET /healthz`
///
/// The process is alive.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`
///
/// How each part is. Read from their watchers, so a stalled part does not stall the answer.
pub async fn readyz(Extract(api): Extract<State>) -> Response {
    let parts = parts(&api).await;
    // Keys that are remembered outlast an issuer that is away, so nothing but the store brings the whole down.
    let store_down = api.services.store_liveness.is_down();
    let all_well = parts.values().all(|part| part.state == Health::Ok);
    let status = match (store_down, all_well) {
        (true, _) => Health::Down,
        (false, true) => Health::Ok,
        (false, false) => Health::Degraded,
    };
    let code = if store_down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, Json(Readiness { status, parts })).into_response()
}

/// Each part by its name.
pub(in crate::http) async fn parts(api: &State) -> BTreeMap<String, PartHealth> {
    let services = &api.services;
    let mut parts = BTreeMap::new();
    parts.insert("store".to_owned(), services.store_liveness.health(services.store.kind(), Health::Down));
    parts.insert(
        "counters".to_owned(),
        services.counters_liveness.health(services.counters.kind(), Health::Degraded),
    );
    parts.insert("queue".to_owned(), api.queue_liveness.health(api.queue.kind(), Health::Degraded));
    parts.insert("identity".to_owned(), api.verifier.known_health().await);
    parts
}

/// `GET /.well-known/happening`
///
/// All that a client needs to sign in.
pub async fn well_known(Extract(api): Extract<State>) -> Json<Discovery> {
    Json(api.discovery.clone())
}
