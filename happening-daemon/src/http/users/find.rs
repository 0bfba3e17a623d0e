//! `GET /users?keycloak_id=SUB` and `GET /users?search=TEXT`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Query;
use happening_core::wire::{ErrorCode, User};
use serde::Deserialize;

/// One of the two.
#[derive(Deserialize)]
pub struct Filter {
    keycloak_id: Option<String>,
    search: Option<String>,
}

/// A person by their `sub`, or people by a part of their name or address.
pub async fn get(session: Session, Query(filter): Query<Filter>) -> Result<Json<Vec<User>>, Error> {
    match (filter.keycloak_id, filter.search) {
        (Some(subject), None) => {
            Ok(Json(session.services.users_by_subject(&session.caller, &subject).await?))
        }
        (None, Some(text)) => Ok(Json(session.services.search_users(&session.caller, &text).await?)),
        _ => Err(Error::new(ErrorCode::ValidationFailed, "Please give either keycloak_id or search.")),
    }
}
