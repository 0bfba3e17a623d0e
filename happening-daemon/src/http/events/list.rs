//! `GET /events?org_id=&created_by=&status=&q=&limit=&cursor=`

use crate::http::caller::Session;
use crate::http::csv::{self, WantsCsv};
use crate::http::error::Error;
use crate::http::etag::IfNoneMatch;
use crate::http::page::Paged;
use crate::http::params::Query;
use axum::extract::OriginalUri;
use axum::response::Response;
use happening_core::wire::EventsQuery;
use std::sync::Arc;

/// Events that the caller may see, newest `event_date` first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<EventsQuery>,
    WantsCsv(wants_csv): WantsCsv,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let page = session.services.list_events(&session.caller, query.clone()).await?;
    if !wants_csv {
        return Ok(Paged::new(&uri, page.items, "cursor", page.next).digested(&known));
    }
    let session = Arc::new(session);
    let is_one_page = query.limit.is_some();
    Ok(csv::list(&uri, page, is_one_page, move |cursor| {
        let (session, query) = (session.clone(), EventsQuery { cursor: Some(cursor), ..query.clone() });
        async move { session.services.list_events(&session.caller, query).await }
    }))
}
