//! `GET /organizations/:id/invites?limit=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::OrganizationId;
use happening_core::wire::{Invite, PageQuery};

/// Invites of an organization, newest first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(organization): Path<OrganizationId>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Invite>, Error> {
    let page = session.services.invites_of(&session.caller, organization, &query).await?;
    Ok(Paged::new(&uri, page.items, "cursor", page.next))
}
