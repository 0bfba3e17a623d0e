//! `GET /users?keycloak_id=SUB`, `GET /users?search=TEXT&status=&limit=` and `GET /users?names=A,B`

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
    names: Option<String>,
}

/// A person by their `sub`, or people by their names and addresses, or a part of them.
pub async fn get(session: Session, Query(filter): Query<Filter>) -> Result<Json<Vec<User>>, Error> {
    let Filter { keycloak_id, search, status, limit, names } = filter;
    let query = UsersQuery { search, status, limit, names };
    match keycloak_id {
        Some(subject) if query == UsersQuery::default() => {
            Ok(Json(session.services.users_by_subject(&session.caller, &subject).await?))
        }
        Some(_) => Err(Error::new(ErrorCode::ValidationFailed, "keycloak_id goes with no other filter.")),
        None if query.names.is_some()
            && (query.search.is_some() || query.status.is_some() || query.limit.is_some()) =>
        {
            Err(Error::new(ErrorCode::ValidationFailed, "names goes with no other filter."))
        }
        None => Ok(Json(session.services.list_users(&session.caller, &query).await?)),
    }
}
