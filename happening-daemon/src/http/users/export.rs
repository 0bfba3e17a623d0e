//! `GET /users/:id/export`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::UserId;
use happening_core::wire::PersonalData;

/// All that is stored about a person.
pub async fn get(session: Session, Path(user): Path<UserId>) -> Result<Json<PersonalData>, Error> {
    Ok(Json(session.services.export_user(&session.caller, user).await?))
}
