//! `DELETE /admin/queue/parked/:id`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Path;
use happening_core::id::ParkedId;
use happening_core::wire::Done;

/// Throws something parked away.
pub async fn delete(session: Session, Path(id): Path<ParkedId>) -> Result<Json<Done>, Error> {
    Ok(Json(session.services.discard_parked(&session.caller, id).await?))
}
