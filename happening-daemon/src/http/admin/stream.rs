//! `GET /admin/stream`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::stream::{LastEventId, Stream};
use crate::service::Watched;

/// Every commit of every event, and how the parts are, as it happens.
pub async fn get(session: Session, LastEventId(after): LastEventId) -> Result<Stream, Error> {
    let (services, caller) = (session.services.clone(), session.caller.clone());
    Stream::open(session, Watched::Everything, services.watch_all(&caller, after)).await
}
