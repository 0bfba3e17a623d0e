//! `POST /organizations/:id/transfer`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use axum::http::StatusCode;
use happening_core::id::OrganizationId;
use happening_core::wire::{TransferOrganization, Transferred};

/// Offers an organization to a member (202); an operator hands it over (200).
pub async fn post(
    session: Session,
    Path(organization): Path<OrganizationId>,
    Json(transfer): Json<TransferOrganization>,
) -> Result<(StatusCode, Json<Transferred>), Error> {
    let heir = transfer.user_id;
    let transferred = session.services.transfer_organization(&session.caller, organization, heir).await?;
    let status = if transferred.offer.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(transferred)))
}
