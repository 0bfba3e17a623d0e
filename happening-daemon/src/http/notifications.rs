//! `/notifications`

use super::caller::Session;
use super::error::Error;
use super::json::Json;
use super::page::Paged;
use super::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::{NotificationId, UserId};
use happening_core::wire::{
    Done, Notification, NotificationsQuery, NotificationsRead, ReadNotifications, Unread,
};

/// `GET /notifications/user/:userId?limit=&cursor=&unread=&type=`
///
/// The notifications of a person, newest first.
pub async fn of_user(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(user): Path<UserId>,
    Query(query): Query<NotificationsQuery>,
) -> Result<Paged<Notification>, Error> {
    let page = session.services.notifications_of(&session.caller, user, query).await?;
    Ok(Paged::new(&uri, page.items, "cursor", page.next))
}

/// `GET /notifications/user/:userId/unread`
///
/// How many of the newest 1,000 are unread.
pub async fn unread(session: Session, Path(user): Path<UserId>) -> Result<Json<Unread>, Error> {
    Ok(Json(session.services.unread_of(&session.caller, user).await?))
}

/// `POST /notifications/:id/read`
///
/// Marks one of the caller's own as read. Comes without a body.
pub async fn read(session: Session, Path(id): Path<NotificationId>) -> Result<Json<Done>, Error> {
    Ok(Json(session.services.read_notification(&session.caller, id).await?))
}

/// `POST /notifications/user/:userId/read`
///
/// Marks the newest 1,000 unread ones as read, or of those up to one of them.
pub async fn read_all(
    session: Session,
    Path(user): Path<UserId>,
    Json(which): Json<ReadNotifications>,
) -> Result<Json<NotificationsRead>, Error> {
    Ok(Json(session.services.read_notifications(&session.caller, user, which).await?))
}
