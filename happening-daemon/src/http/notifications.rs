//! `/notifications`

use super::caller::Session;
use super::error::Error;
use super::page::Paged;
use super::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::UserId;
use happening_core::wire::{Notification, PageQuery};

/// `GET /notifications/user/:userId?limit=&cursor=`
///
/// The notifications of a person, newest first.
pub async fn of_user(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(user): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Notification>, Error> {
    let page = session.services.notifications_of(&session.caller, user, &query).await?;
    Ok(Paged::new(&uri, page.items, "cursor", page.next))
}
