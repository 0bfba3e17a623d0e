//! `GET /notifications/user/:userId?limit=&cursor=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::UserId;
use happening_core::wire::{Notification, PageQuery};

/// What someone was told, newest first.
pub async fn get(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(user): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Notification>, Error> {
    let page = session.services.notifications_of(&session.caller, user, &query).await?;
    Ok(Paged::new(&uri, page.items, "cursor", page.next))
}
