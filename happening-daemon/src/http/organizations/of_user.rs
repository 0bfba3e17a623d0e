//! `GET /organizations/user/:userId`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::UserId;
use happening_core::wire::OrganizationOfUser;

/// Organizations of a user, governed ones first.
pub async fn get(session: Session, Path(user): Path<UserId>) -> Result<Json<Vec<OrganizationOfUser>>, Error> {
    Ok(Json(session.services.organizations_of(&session.caller, user).await?))
}
