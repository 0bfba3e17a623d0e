//! `GET /organizations`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use happening_core::wire::Organization;

/// The caller's organizations; for operators and support all.
pub async fn get(session: Session) -> Result<Json<Vec<Organization>>, Error> {
    Ok(Json(session.services.organizations(&session.caller).await?))
}
