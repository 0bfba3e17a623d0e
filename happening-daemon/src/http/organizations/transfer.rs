//! `POST /organizations/:id/transfer`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::OrganizationId;
use happening_core::wire::{Organization, TransferOrganization};

/// Gives an organization to a member.
pub async fn post(
    session: Session,
    Path(organization): Path<OrganizationId>,
    Json(transfer): Json<TransferOrganization>,
) -> Result<Json<Organization>, Error> {
    let heir = transfer.user_id;
    Ok(Json(session.services.transfer_organization(&session.caller, organization, heir).await?))
}
