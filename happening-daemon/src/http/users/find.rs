//! `GET /users?keycloak_id=SUB` and `GET /users?search=TEXT&status=&limit=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Query;
use happening_core::wire::{ErrorCode, User, UserStatus, UsersQuery};
use serde::Deserialize;

/// A person, or people.
#[derive(Deserialize)]
pub struct Filter {
    keycloak_id: Option<String>,
    search: Option<String>,
    status: Option<UserStatus>,
    limit: Option<u32>,
}

/// A person by their `sub`, or people by a part of their name or address.
pub async fn get(session: Session, Query(filter): Query<Filter>) -> Result<Json<Vec<User>>, Error> {
    let query = UsersQuery { search: filter.search, status: filter.status, limit: filter.limit };
    match filter.keycloak_id {
        Some(subject) if query == UsersQuery::default() => {
            Ok(Json(session.services.users_by_subject(&session.caller, &subject).await?))
        }
        Some(_) => Err(Error::new(ErrorCode::ValidationFailed, "keycloak_id goes with no other filter.")),
        None => Ok(Json(session.services.list_users(&session.caller, &query).await?)),
    }
}
