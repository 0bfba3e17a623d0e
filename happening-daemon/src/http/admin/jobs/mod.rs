//! `/admin/jobs`

pub mod cancel;
pub mod list;
pub mod one;

use crate::http::json::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use happening_core::wire::Job;

/// What was asked for is under way (RFC 9110, section 15.3.3): 202 with the job, and where to look.
pub struct Accepted(pub Job);

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let location = format!("/admin/jobs/{}", self.0.id);
        (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(self.0)).into_response()
    }
}
