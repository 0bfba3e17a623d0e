//! `GET /events/:id/stream`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::params::Path;
use crate::http::stream::{LastEventId, Stream};
use crate::service::Watched;
use happening_core::id::EventId;

/// What happens to an event, as it happens.
pub async fn get(
    session: Session,
    Path(event): Path<EventId>,
    LastEventId(after): LastEventId,
) -> Result<Stream, Error> {
    let listener = session.services.watch_event(&session.caller, event, after).await?;
    Ok(Stream::new(session, Watched::Event(event), listener))
}
