//! `GET /readyz`

use crate::http::State;
use crate::http::json::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use happening_core::wire::{Health, PartHealth, Readiness};
use std::collections::BTreeMap;

/// How each part is. Read from their watchers, so a stalled part does not stall the answer.
pub async fn get(Extract(api): Extract<State>) -> Response {
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
