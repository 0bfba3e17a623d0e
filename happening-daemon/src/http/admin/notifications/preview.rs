//! `GET /admin/notifications/preview?type=&language=&org_id=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Query;
use happening_core::wire::{MessagePreview, PreviewQuery};

/// What a message of a type looks like.
pub async fn get(session: Session, Query(query): Query<PreviewQuery>) -> Result<Json<MessagePreview>, Error> {
    Ok(Json(session.services.preview_message(&session.caller, query).await?))
}
