//! `/admin/queue`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::page::Paged;
use crate::http::params::{Path, Query};
use axum::extract::OriginalUri;
use happening_core::id::ParkedId;
use happening_core::wire::{Done, ParkedMessage, ParkedQuery, QueueStatus};

/// `GET /admin/queue`
///
/// How queue, outbox and worker are.
pub async fn status(session: Session) -> Result<Json<QueueStatus>, Error> {
    Ok(Json(session.services.queue_status(&session.caller).await?))
}

/// `GET /admin/queue/parked?limit=&cursor=`
///
/// What is parked, newest first.
pub async fn parked(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ParkedQuery>,
) -> Result<Paged<ParkedMessage>, Error> {
    let (page, next) = session.services.parked(&session.caller, query).await?;
    Ok(Paged::new(&uri, page, "cursor", next.map(|next| next.to_string())))
}

/// `POST /admin/queue/parked/:id/requeue`
///
/// Publishes something parked once more.
pub async fn requeue(session: Session, Path(id): Path<ParkedId>) -> Result<Json<Done>, Error> {
    Ok(Json(session.services.requeue_parked(&session.caller, id).await?))
}

/// `DELETE /admin/queue/parked/:id`
///
/// Throws something parked away.
pub async fn discard(session: Session, Path(id): Path<ParkedId>) -> Result<Json<Done>, Error> {
    Ok(Json(session.services.discard_parked(&session.caller, id).await?))
}
