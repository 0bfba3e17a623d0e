//! `GET /admin/notifications/undelivered?limit=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::Query;
use axum::extract::OriginalUri;
use happening_core::wire::{UndeliveredNotification, UndeliveredQuery};

/// Who was not told, newest first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<UndeliveredQuery>,
) -> Result<Paged<UndeliveredNotification>, Error> {
    let (page, next) = session.services.undelivered(&session.caller, query).await?;
    Ok(Paged::new(&uri, page, "cursor", next.map(|next| next.to_string())))
}
