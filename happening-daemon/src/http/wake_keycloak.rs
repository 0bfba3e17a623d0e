//! Wakes the Keycloak sync after a change of people or organizations, whose tasks were queued in the same transaction.

use crate::keycloak::KeycloakSync;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::Response;

/// Where such changes are made. Those of units of work wake it by themselves (`service/unit_of_work.rs`).
const PLACES: [&str; 2] = ["/users", "/organizations"];

pub(super) fn layer(routes: Router, keycloak: Option<KeycloakSync>) -> Router {
    match keycloak {
        Some(keycloak) => routes.layer(middleware::from_fn_with_state(keycloak, wake)),
        None => routes,
    }
}

async fn wake(State(keycloak): State<KeycloakSync>, request: Request, next: Next) -> Response {
    let changes =
        request.method() != Method::GET && PLACES.iter().any(|place| request.uri().path().starts_with(place));
    let response = next.run(request).await;
    if changes && response.status().is_success() {
        keycloak.wake();
    }
    response
}
