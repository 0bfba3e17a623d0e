//! `GET /events?org_id=&created_by=&status=&q=&limit=&cursor=`

use crate::http::caller::Session;
use crate::http::csv::{self, WantsCsv};
use crate::http::error::Error;
use crate::http::etag::IfNoneMatch;
use crate::http::params::Query;
use crate::http::shared_reads::{self, Scope};
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
    let (services, caller) = (&session.services, &session.caller);
    if !wants_csv {
        let read = || services.list_events(caller, query);
        return shared_reads::page(&session.api, Scope::Events(caller.organizations()), &uri, &known, read)
            .await;
    }
    let page = {
        let _place = session.api.readers.place().await.ok_or_else(shared_reads::busy)?;
        services.list_events(caller, query.clone()).await?
    };
    let session = Arc::new(session);
    let is_one_page = query.limit.is_some();
    Ok(csv::list(&uri, page, is_one_page, move |cursor| {
        let (session, query) = (session.clone(), EventsQuery { cursor: Some(cursor), ..query.clone() });
        async move { session.services.list_events(&session.caller, query).await }
    }))
}
