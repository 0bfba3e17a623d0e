//! `GET /organizations?q=&limit=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::Query;
use axum::extract::OriginalUri;
use happening_core::wire::{Organization, OrganizationsQuery};

/// The caller's organizations, oldest first; for operators and support all.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<OrganizationsQuery>,
) -> Result<Paged<Organization>, Error> {
    let page = session.services.organizations(&session.caller, query).await?;
    Ok(Paged::new(&uri, page.items, "cursor", page.next))
}
