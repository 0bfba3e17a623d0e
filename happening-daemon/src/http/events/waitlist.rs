//! `GET /events/:id/waitlist?limit=&cursor=`

use crate::http::caller::Session;
use crate::http::csv::{self, WantsCsv};
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use axum::response::{IntoResponse as _, Response};
use happening_core::id::EventId;
use happening_core::wire::WaitlistQuery;
use std::sync::Arc;

/// Who waits, in line.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(event): Path<EventId>,
    Query(query): Query<WaitlistQuery>,
    WantsCsv(wants_csv): WantsCsv,
) -> Result<Response, Error> {
    let page = session.services.waitlist(&session.caller, event, query).await?;
    if !wants_csv {
        return Ok(Paged::new(&uri, page.items, "cursor", page.next).into_response());
    }
    let session = Arc::new(session);
    Ok(csv::list(&uri, page, query.limit.is_some(), move |cursor| {
        let (session, query) = (session.clone(), WaitlistQuery { cursor: cursor.parse().ok(), ..query });
        async move { session.services.waitlist(&session.caller, event, query).await }
    }))
}
