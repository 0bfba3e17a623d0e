//! Wakes the Keycloak sync after a change of people or organizations, whose tasks were queued in the same transaction.

use super::State;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;

/// Where such changes are made. Those of units of work wake it by themselves (`service/unit_of_work.rs`).
const PLACES: [&str; 2] = ["/users", "/organizations"];

/// Wakes it once `answer` says that such a change was made.
pub(super) async fn after<F: Future<Output = Response>>(
    api: &State,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let changes =
        request.method() != Method::GET && PLACES.iter().any(|place| request.uri().path().starts_with(place));
    let response = answer(request).await;
    if let (true, Some(keycloak)) = (changes && response.status().is_success(), &api.services.keycloak) {
        keycloak.wake();
    }
    response
}
