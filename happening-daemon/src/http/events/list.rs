//! `GET /events?org_id=&created_by=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::etag::{self, IfNoneMatch};
use crate::http::params::Query;
use axum::response::Response;
use happening_core::id::{OrganizationId, UserId};
use serde::Deserialize;

/// Which events.
#[derive(Deserialize)]
pub struct Filter {
    org_id: Option<OrganizationId>,
    created_by: Option<UserId>,
}

/// Events that the caller may see, newest `event_date` first.
pub async fn get(
    session: Session,
    Query(filter): Query<Filter>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let events = session.services.list_events(&session.caller, filter.org_id, filter.created_by).await?;
    Ok(etag::digested(&known, &events))
}
