//! `/users`

use super::caller::Session;
use super::edit::Edit;
use super::error::Error;
use super::etag::{self, ChangesOnly, Encoded, IfMatch, IfNoneMatch};
use super::json::{Created, Json};
use super::params::{Path, Query};
use super::shared_reads::{self, Scope};
use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{
    CreateUser, Done, EraseUser, ErrorCode, FoundUser, InviteBlock, PersonalData, SetUserStatus, SignedUp,
    UpdateUser, User, UserStatus, UsersQuery,
};
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

/// `GET /users?keycloak_id=SUB`, `GET /users?search=TEXT&status=&limit=&cursor=` and `GET /users?names=A,B`
///
/// A person by their `sub`, or people by their names and addresses, or a part of them.
pub async fn find(
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
        if caller.user().is_err() {
            // Is about to sign up, perhaps at another daemon, and looks for themselves at once.
            return Ok(etag::encoded(&known, &read().await?));
        }
        return shared_reads::one(&session.api, Scope::of(caller), &uri, &known, read).await;
    }
    let alone = UsersQuery { names: query.names.clone(), ..UsersQuery::default() };
    if query.names.is_some() && query != alone {
        return Err(Error::new(ErrorCode::ValidationFailed, "names goes with no other filter."));
    }
    let read = || services.list_users(caller, query);
    shared_reads::page(&session.api, Scope::of(caller), &uri, &known, read).await
}

/// `POST /users`
///
/// The first sign-in; harmless the second time.
pub async fn sign_up(session: Session, Json(create): Json<CreateUser>) -> Result<Created<SignedUp>, Error> {
    Ok(Created(session.services.sign_up(&session.caller, create, &session.api.client_id).await?))
}

/// `GET /users/:id`
///
/// One person.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(user): Path<UserId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    let read = async || Encoded::edited(&services.user(caller, user).await?);
    shared_reads::one(&session.api, Scope::of(caller), &uri, &known, read).await
}

/// `PUT /users/:id`
///
/// Changes what the issuer does not know of oneself.
pub async fn update(
    session: Session,
    Path(user): Path<UserId>,
    IfMatch(precondition): IfMatch,
    Edit(update, fixed): Edit<UpdateUser>,
) -> Result<Response, Error> {
    let updated =
        session.services.update_user(&session.caller, user, update, &precondition.and(fixed)).await?;
    Ok(etag::edited(&IfNoneMatch::default(), &updated))
}

/// `PUT /users/:id/status`
///
/// Suspends somebody, or lets them act again.
pub async fn set_status(
    session: Session,
    _: ChangesOnly,
    Path(user): Path<UserId>,
    Json(set): Json<SetUserStatus>,
) -> Result<Json<User>, Error> {
    Ok(Json(session.services.set_user_status(&session.caller, user, set.status).await?))
}

/// `GET /users/:id/export`
///
/// All that is stored about a person.
pub async fn export(session: Session, Path(user): Path<UserId>) -> Result<Json<PersonalData>, Error> {
    Ok(Json(session.services.export_user(&session.caller, user).await?))
}

/// `POST /users/:id/erase`
///
/// Forgets a person.
pub async fn erase(
    session: Session,
    Path(user): Path<UserId>,
    Json(erase): Json<EraseUser>,
) -> Result<Json<Done>, Error> {
    session.services.erase_user(&session.caller, user, erase).await?;
    Ok(Json(Done { ok: true }))
}

/// `GET /users/:id/invite-blocks`
///
/// Organizations whose invites do not reach the person.
pub async fn invite_blocks(
    session: Session,
    Path(user): Path<UserId>,
) -> Result<Json<Vec<InviteBlock>>, Error> {
    Ok(Json(session.services.invite_blocks(&session.caller, user).await?))
}

/// `DELETE /users/:id/invite-blocks/:organizationId`
///
/// Lets an organization's invites reach the person again.
pub async fn delete_invite_block(
    session: Session,
    Path((user, organization)): Path<(UserId, OrganizationId)>,
) -> Result<Json<Done>, Error> {
    session.services.unblock_invites(&session.caller, user, organization).await?;
    Ok(Json(Done { ok: true }))
}
