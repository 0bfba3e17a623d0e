//! `POST /organizations`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::{Created, Json};
use happening_core::wire::{CreateOrganization, Organization};

/// Founds an organization.
pub async fn post(
    session: Session,
    Json(create): Json<CreateOrganization>,
) -> Result<Created<Organization>, Error> {
    Ok(Created(session.services.create_organization(&session.caller, create).await?))
}
