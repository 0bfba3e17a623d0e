//! `GET /users?keycloak_id=SUB`, `GET /users?search=TEXT&status=&limit=&cursor=` and `GET /users?names=A,B`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{Encoded, IfNoneMatch};
use crate::http::json::Json;
use crate::http::params::Query;
use crate::http::shared_reads::{self, Scope};
use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use happening_core::wire::{ErrorCode, FoundUser, UserStatus, UsersQuery};
use serde::Deserialize;
use url::form_urlencoded;

/// A person, or people.
#[derive(Deserialize)]
pub struct Filter {
    keycloak_id: Option<String>,
    search: Option<String>,
    status: Option<UserStatus>,
    limit: Option<u32>,
    names: Option<String>,
    cursor: Option<String>,
}

/// A person by their `sub`, or people by their names and addresses, or a part of them.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(filter): Query<Filter>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    let asks_by_subject = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .any(|(name, _)| name == "keycloak_id");
    if asks_by_subject && filter.keycloak_id.is_none() {
        // Nobody has an empty one; the web client takes an error for something else than nobody.
        return Ok(Json(Vec::<FoundUser>::new()).into_response());
    }
    let Filter { keycloak_id, search, status, limit, names, cursor } = filter;
    let query = UsersQuery { search, status, limit, names, cursor };
    if let Some(subject) = keycloak_id {
        if query != UsersQuery::default() {
            return Err(Error::new(ErrorCode::ValidationFailed, "keycloak_id goes with no other filter."));
        }
        let read = async || {
            let found = services.users_by_subject(caller, &subject).await?;
            Encoded::of(&found.into_iter().map(FoundUser::from).collect::<Vec<_>>())
        };
        return shared_reads::one(&session.api, Scope::of(caller), &uri, &known, read).await;
    }
    let alone = UsersQuery { names: query.names.clone(), ..UsersQuery::default() };
    if query.names.is_some() && query != alone {
        return Err(Error::new(ErrorCode::ValidationFailed, "names goes with no other filter."));
    }
    let read = || services.list_users(caller, query);
    shared_reads::page(&session.api, Scope::of(caller), &uri, &known, read).await
}
