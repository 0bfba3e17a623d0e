//! After a change of people or organizations: what Keycloak is to be told of it was queued in the same transaction, and
//! whoever tells it looks at once.

use crate::keycloak::InStep;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::Response;

/// Where such changes are made.
const PLACES: [&str; 3] = ["/users", "/organizations", "/org-invites"];

pub(super) fn layer(routes: Router, keycloak: Option<InStep>) -> Router {
    match keycloak {
        Some(keycloak) => routes.layer(middleware::from_fn_with_state(keycloak, nudge)),
        None => routes,
    }
}

async fn nudge(State(keycloak): State<InStep>, request: Request, next: Next) -> Response {
    let changes =
        request.method() != Method::GET && PLACES.iter().any(|place| request.uri().path().starts_with(place));
    let response = next.run(request).await;
    if changes && response.status().is_success() {
        keycloak.nudge();
    }
    response
}
