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
    let (services, caller) = (session.services.clone(), session.caller.clone());
    Stream::open(session, Watched::Event(event), services.watch_event(&caller, event, after)).await
}
