//! `GET /`

use crate::http::json::Json;
use serde_json::{Value, json};

/// What this is.
pub async fn get() -> Json<Value> {
    Json(json!({
        "message": "Happening: events, bookings, waitlists",
        "status": "Running",
        "version": env!("CARGO_PKG_VERSION"),
        "features": ["events", "bookings", "waitlists", "notifications", "organizations"],
    }))
}
