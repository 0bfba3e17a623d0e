//! Watching: the streams of an event and of everything, and rooms of sockets.

use super::{Caller, Error, Services};
use crate::live::{ListenError, Listener, Start, StreamEntryId};
use happening_core::id::EventId;
use happening_core::wire::ErrorCode;
use std::time::Duration;

/// How long a look at who still sees what may take. Nothing is sent meanwhile.
const PATIENCE: Duration = Duration::from_secs(1);

/// What somebody watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// One event.
    Event(EventId),
    /// Every event, and the parts of the daemon.
    Everything,
}

impl Services {
    /// Watches an event that the caller may see, from where a reader left off.
    pub async fn watch_event(
        &self,
        caller: &Caller,
        event: EventId,
        after: Option<StreamEntryId>,
    ) -> Result<Listener, Error> {
        let event = self.event(caller, event).await?;
        Ok(self.live.listen(event.id, Start::After(after)).await?)
    }

    /// Watches everything: for operators and support.
    pub async fn watch_all(&self, caller: &Caller, after: Option<StreamEntryId>) -> Result<Listener, Error> {
        self.must_see(caller, Watched::Everything).await?;
        self.must_be_up()?;
        Ok(self.live.listen_to_all(after).await?)
    }

    /// The caller as they are now: who was suspended, or has lost their account, is refused. Those who stay connected are
    /// looked at again by this, which is remembered as it is for requests.
    pub async fn recognize_again(&self, caller: &Caller) -> Result<Caller, Error> {
        self.identify(caller.claims.clone(), caller.source.clone()).await
    }

    /// Whether somebody who began to watch may go on. While that cannot be known, they may.
    pub async fn may_watch_on(&self, caller: &Caller, watched: Watched) -> bool {
        let look = async { self.must_see(&self.recognize_again(caller).await?, watched).await };
        match tokio::time::timeout(PATIENCE, look).await {
            Ok(Err(error)) => error.is_passing(),
            Ok(Ok(())) | Err(_) => true,
        }
    }

    async fn must_see(&self, caller: &Caller, watched: Watched) -> Result<(), Error> {
        match watched {
            Watched::Everything if caller.is_staff() => Ok(()),
            Watched::Everything => Err(Error::forbidden("Only operators and support watch everything.")),
            Watched::Event(event) if caller.sees(self.organization_of(event).await?) => Ok(()),
            Watched::Event(_) => Err(Error::not_found("event")),
        }
    }

    /// The room of an event, for sockets. The web client connects them without a token, so that seat numbers are for
    /// everyone who knows the event's id, and a token opens no other rooms.
    pub async fn enter_room(&self, event: EventId) -> Result<Listener, Error> {
        self.must_be_up()?;
        Ok(self.live.listen(event, Start::Now).await?)
    }
}

impl Error {
    /// Whether it says nothing of what was asked: a part is away, or something went wrong.
    pub fn is_passing(&self) -> bool {
        matches!(self.code, ErrorCode::Unavailable | ErrorCode::Internal)
    }
}

impl From<ListenError> for Error {
    fn from(error: ListenError) -> Self {
        match error {
            ListenError::Absent => Self::not_found("event"),
            ListenError::Unavailable => Self::unavailable(),
        }
    }
}
