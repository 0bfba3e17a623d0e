//! `GET /admin/status`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::system;
use happening_core::wire::AdminStatus;

/// How the daemon and its parts are, in more detail than `/readyz` gives.
pub async fn get(session: Session) -> Result<Json<AdminStatus>, Error> {
    let services = &session.services;
    let keycloak = services.keycloak_status(&session.caller).await?;
    Ok(Json(AdminStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        parts: system::parts(&session.api).await,
        keycloak,
        engine: services.engine.status(),
        reconciler: services.engine.reconciler(),
        outbox: services.store.outbox_figures().await?,
        worker: services.worker_status(),
    }))
}
