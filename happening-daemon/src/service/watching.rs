//! Watching: the streams of an event and of everything, and rooms of sockets.

use super::{Caller, Error, Services};
use crate::live::{FrameId, ListenError, Listener, Start};
use happening_core::id::EventId;

impl Services {
    /// Watches an event that the caller may see, from where a reader left off.
    pub async fn watch_event(
        &self,
        caller: &Caller,
        event: EventId,
        after: Option<FrameId>,
    ) -> Result<Listener, Error> {
        let event = self.event(caller, event).await?;
        Ok(self.live.listen(event.id, Start::After(after)).await?)
    }

    /// Watches everything: for operators and support.
    pub async fn watch_all(&self, caller: &Caller, after: Option<FrameId>) -> Result<Listener, Error> {
        if !caller.is_staff() {
            return Err(Error::forbidden("Only operators and support watch everything."));
        }
        self.must_be_up()?;
        Ok(self.live.listen_to_all(after).await?)
    }

    /// The room of an event, for sockets. The web client connects them without a token, so that seat numbers are for
    /// everyone who knows the event's id, and a token opens no other rooms.
    pub async fn enter_room(&self, event: EventId) -> Result<Listener, Error> {
        self.must_be_up()?;
        Ok(self.live.listen(event, Start::Now).await?)
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
