//! `GET /organizations/:id/members?role=&q=&limit=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::IfNoneMatch;
use crate::http::params::{Path, Query};
use crate::http::shared_reads::{self, Scope};
use axum::extract::OriginalUri;
use axum::response::Response;
use happening_core::id::OrganizationId;
use happening_core::wire::MembersQuery;

/// Members, orgAdmins first. Whoever may see them sees the same.
pub async fn get(
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
