//! `GET` and `POST /organizations/:id/service-accounts`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use axum::http::StatusCode;
use happening_core::id::OrganizationId;
use happening_core::wire::{MapServiceAccount, ServiceAccount};

/// Service accounts, by client.
pub async fn get(
    session: Session,
    Path(organization): Path<OrganizationId>,
) -> Result<Json<Vec<ServiceAccount>>, Error> {
    Ok(Json(session.services.service_accounts(&session.caller, organization).await?))
}

/// Gives a client of the issuer a role (201), or asks it to accept one (202).
pub async fn post(
    session: Session,
    Path(organization): Path<OrganizationId>,
    Json(map): Json<MapServiceAccount>,
) -> Result<(StatusCode, Json<ServiceAccount>), Error> {
    let (services, own) = (&session.services, &session.api.client_id);
    let account = services.map_service_account(&session.caller, organization, map, own).await?;
    Ok((if account.pending { StatusCode::ACCEPTED } else { StatusCode::CREATED }, Json(account)))
}
