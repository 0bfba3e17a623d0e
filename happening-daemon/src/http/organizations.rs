//! `/organizations`

use super::admin::jobs::Accepted;
use super::caller::Session;
use super::edit::Edit;
use super::error::Error;
use super::etag::{self, ChangesOnly, Encoded, IfMatch, IfNoneMatch};
use super::json::{Created, Json};
use super::page::Paged;
use super::params::{Flags, Path, Query, flag};
use super::prefer::{APPLIED, RESPOND_ASYNC, RespondAsync};
use super::shared_reads::{self, Scope};
use crate::service::DeleteOrganization;
use axum::extract::OriginalUri;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{
    AuditQuery, AuditRecord, CreateOrganization, Done, Invite, MapServiceAccount, MemberSet, MembersQuery,
    Organization, OrganizationsQuery, PageQuery, ServiceAccount, SetMember, SetOrganizationStatus,
    TransferOrganization, Transferred, UpdateOrganization,
};
use serde::Deserialize;

/// `GET /organizations?q=&limit=&cursor=`
///
/// The caller's organizations, oldest first; for operators and support all.
pub async fn list(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<OrganizationsQuery>,
) -> Result<Paged<Organization>, Error> {
    let page = session.services.organizations(&session.caller, query).await?;
    Ok(Paged::new(&uri, page.items, "cursor", page.next))
}

/// `POST /organizations`
///
/// Founds an organization.
pub async fn create(
    session: Session,
    Json(create): Json<CreateOrganization>,
) -> Result<Created<Organization>, Error> {
    Ok(Created(session.services.create_organization(&session.caller, create).await?))
}

/// `GET /organizations/user/:userId`
///
/// Organizations of a user, governed ones first.
pub async fn of_user(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(user): Path<UserId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    let read = async || Encoded::of(&services.organizations_of(caller, user).await?);
    shared_reads::one(&session.api, Scope::of(caller), &uri, &known, read).await
}

/// `GET /organizations/:id`
///
/// One organization.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(organization): Path<OrganizationId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    caller.must_see(organization)?;
    // Staff see deleted ones too.
    let scope = if caller.is_staff() { Scope::of(caller) } else { Scope::Organization };
    let read = async || Encoded::edited(&services.organization(caller, organization).await?);
    shared_reads::one(&session.api, scope, &uri, &known, read).await
}

/// `PUT /organizations/:id`
///
/// Changes name or settings.
pub async fn update(
    session: Session,
    Path(organization): Path<OrganizationId>,
    IfMatch(precondition): IfMatch,
    Edit(update, fixed): Edit<UpdateOrganization>,
) -> Result<Response, Error> {
    let updated = session
        .services
        .update_organization(&session.caller, organization, update, &precondition.and(fixed))
        .await?;
    Ok(etag::edited(&IfNoneMatch::default(), &updated))
}

/// Whether upcoming events go with it.
#[derive(Deserialize)]
pub struct How {
    #[serde(default, deserialize_with = "flag")]
    force: bool,
}

/// `DELETE /organizations/:id?force=`
///
/// Deletes an organization: at once, or, for clients that prefer it and where there are many events, by a job.
pub async fn delete(
    session: Session,
    Path(organization): Path<OrganizationId>,
    Flags(how): Flags<How>,
    RespondAsync(as_job): RespondAsync,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Error> {
    let how = DeleteOrganization { force: how.force, as_job };
    let started =
        session.services.delete_organization(&session.caller, organization, how, &precondition).await?;
    Ok(match started {
        Some(job) => ([(APPLIED, RESPOND_ASYNC)], Accepted(job)).into_response(),
        None => Json(Done { ok: true }).into_response(),
    })
}

/// `POST /organizations/:id/transfer`
///
/// Offers an organization to a member (202); an operator hands it over (200).
pub async fn transfer(
    session: Session,
    Path(organization): Path<OrganizationId>,
    Json(transfer): Json<TransferOrganization>,
) -> Result<(StatusCode, Json<Transferred>), Error> {
    let heir = transfer.user_id;
    let transferred = session.services.transfer_organization(&session.caller, organization, heir).await?;
    let status = if transferred.offer.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(transferred)))
}

/// `PUT /organizations/:id/status`
///
/// Suspends an organization, or lets it go on.
pub async fn set_status(
    session: Session,
    _: ChangesOnly,
    Path(organization): Path<OrganizationId>,
    Json(set): Json<SetOrganizationStatus>,
) -> Result<Json<Organization>, Error> {
    Ok(Json(session.services.set_organization_status(&session.caller, organization, set.status).await?))
}

/// `GET /organizations/:id/audit`
///
/// What was done in an organization, newest first.
pub async fn audit(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<AuditQuery>,
) -> Result<Paged<AuditRecord>, Error> {
    let page = session.services.audit_of(&session.caller, organization, &query).await?;
    Ok(Paged::new(&uri, page.items, "before", page.next))
}

/// `GET /organizations/:id/service-accounts`
///
/// Service accounts, by client.
pub async fn service_accounts(
    session: Session,
    Path(organization): Path<OrganizationId>,
) -> Result<Json<Vec<ServiceAccount>>, Error> {
    Ok(Json(session.services.service_accounts(&session.caller, organization).await?))
}

/// `POST /organizations/:id/service-accounts`
///
/// Gives a client of the issuer a role (201), or asks it to accept one (202).
pub async fn map_service_account(
    session: Session,
    Path(organization): Path<OrganizationId>,
    Json(map): Json<MapServiceAccount>,
) -> Result<(StatusCode, Json<ServiceAccount>), Error> {
    let (services, own) = (&session.services, &session.api.client_id);
    let account = services.map_service_account(&session.caller, organization, map, own).await?;
    Ok((if account.pending { StatusCode::ACCEPTED } else { StatusCode::CREATED }, Json(account)))
}

/// `DELETE /organizations/:id/service-accounts/:clientId`
///
/// Takes a client's role from it.
pub async fn unmap_service_account(
    session: Session,
    Path((organization, client)): Path<(OrganizationId, String)>,
) -> Result<Json<Done>, Error> {
    session.services.unmap_service_account(&session.caller, organization, &client).await?;
    Ok(Json(Done { ok: true }))
}

/// `GET /organizations/:id/members?role=&q=&limit=&cursor=`
///
/// Members, orgAdmins first. All who may see them see the same.
pub async fn members(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<MembersQuery>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    caller.must_see(organization)?;
    let read = || services.members(caller, organization, query);
    shared_reads::page(&session.api, Scope::Organization, &uri, &known, read).await
}

/// `PUT /organizations/:id/members/:userId`
///
/// Sets a member's role (200); who is not a member is invited (202). With `If-None-Match: *` no member's role is changed.
pub async fn set_member(
    session: Session,
    IfMatch(precondition): IfMatch,
    Path((organization, user)): Path<(OrganizationId, UserId)>,
    Json(member): Json<SetMember>,
) -> Result<(StatusCode, Json<MemberSet>), Error> {
    let set =
        session.services.set_member(&session.caller, organization, user, member.role, &precondition).await?;
    Ok((if set.invited { StatusCode::ACCEPTED } else { StatusCode::OK }, Json(set)))
}

/// `DELETE /organizations/:id/members/:userId`
///
/// Removes a member; members may leave by themselves.
pub async fn remove_member(
    session: Session,
    Path((organization, user)): Path<(OrganizationId, UserId)>,
) -> Result<Json<Done>, Error> {
    session.services.remove_member(&session.caller, organization, user).await?;
    Ok(Json(Done { ok: true }))
}

/// `GET /organizations/:id/invites?limit=&cursor=`
///
/// Invites of an organization, newest first.
pub async fn invites(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Invite>, Error> {
    let page = session.services.invites_of(&session.caller, organization, &query).await?;
    Ok(Paged::new(&uri, page.items, "cursor", page.next))
}
