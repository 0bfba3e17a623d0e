//! `GET /organizations/:id/members?role=&q=&limit=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::OrganizationId;
use happening_core::wire::{Member, MembersQuery};

/// Members, orgAdmins first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<MembersQuery>,
) -> Result<Paged<Member>, Error> {
    let page = session.services.members(&session.caller, organization, query).await?;
    Ok(Paged::new(&uri, page.items, "cursor", page.next))
}
