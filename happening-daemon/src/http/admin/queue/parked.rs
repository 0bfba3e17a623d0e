//! `GET /admin/queue/parked?limit=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::Query;
use axum::extract::OriginalUri;
use happening_core::wire::{ParkedMessage, ParkedQuery};

/// What is parked, newest first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ParkedQuery>,
) -> Result<Paged<ParkedMessage>, Error> {
    let (page, next) = session.services.parked(&session.caller, query).await?;
    Ok(Paged::new(&uri, page, "cursor", next.map(|next| next.to_string())))
}
