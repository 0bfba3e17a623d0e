//! `/admin/notifications`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::NotificationId;
use happening_core::wire::{Done, MessagePreview, PreviewQuery, UndeliveredNotification, UndeliveredQuery};

/// `GET /admin/notifications/undelivered?limit=&cursor=`
///
/// Notifications that were not delivered, newest first.
pub async fn undelivered(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<UndeliveredQuery>,
) -> Result<Paged<UndeliveredNotification>, Error> {
    let (page, next) = session.services.undelivered(&session.caller, query).await?;
    Ok(Paged::new(&uri, page, "cursor", next.map(|next| next.to_string())))
}

/// `GET /admin/notifications/preview?type=&language=&org_id=`
///
/// What a message of a type looks like.
pub async fn preview(
    session: Session,
    Query(query): Query<PreviewQuery>,
) -> Result<Json<MessagePreview>, Error> {
    Ok(Json(session.services.preview_message(&session.caller, query).await?))
}

/// `POST /admin/notifications/:id/resend`
///
/// Delivers a notification once more.
pub async fn resend(session: Session, Path(id): Path<NotificationId>) -> Result<Json<Done>, Error> {
    Ok(Json(session.services.resend_notification(&session.caller, id).await?))
}
