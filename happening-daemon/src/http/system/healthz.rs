//! `GET /healthz`

/// The process is alive.
pub async fn get() -> &'static str {
    "ok"
}
