//! What a command has made for itself alone, and takes away again however it ends: by itself, by an error, by a panic or by
//! Ctrl-C. Only a process that is killed leaves something, which [`crate::trial`] finds the next time.

use happening_core::client::{Client, ClientError};
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{BookingStatus, BookingsQuery, ErrorCode};
use std::cell::RefCell;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Looks that find no more bookings before there are none: a request that was on its way when its sender was interrupted
/// may book after a look.
const QUIET_LOOKS: u32 = 2;

/// Before another look.
const PAUSE: Duration = Duration::from_millis(100);

/// Something that is there only for a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// An organization with all that is in it.
    Organization(OrganizationId),
    /// An event with all of its bookings.
    Event(EventId),
    /// Bookings of one person at an event that stays.
    Bookings(EventId, UserId),
}

/// Something that is there, or is being made.
struct CleanupEntry {
    client: Client,
    made: JoinHandle<Option<Made>>,
}

/// All of it, what was made first below.
#[derive(Default)]
pub struct Cleanup(RefCell<Vec<CleanupEntry>>);

impl Cleanup {
    /// Makes something, in a task of its own: Ctrl-C ends the waiting for it, and it is known all the same.
    pub async fn make<T: Send + 'static>(
        &self,
        client: &Client,
        request: impl Future<Output = Result<T, ClientError>> + Send + 'static,
        made: impl FnOnce(&T) -> Made + Send + 'static,
    ) -> Result<T, ClientError> {
        let (tell, told) = oneshot::channel();
        let making = tokio::spawn(async move {
            let answer = request.await;
            let made = answer.as_ref().ok().map(made);
            // After a Ctrl-C nobody listens.
            let _ = tell.send(answer);
            made
        });
        self.0.borrow_mut().push(CleanupEntry { client: client.clone(), made: making });
        told.await.map_err(|_| ClientError::Broken("the request was given up".to_owned()))?
    }

    /// Remembers something that is there.
    pub fn add(&self, client: &Client, made: Made) {
        let made = tokio::spawn(async move { Some(made) });
        self.0.borrow_mut().push(CleanupEntry { client: client.clone(), made });
    }

    /// Leaves all of it where it is.
    pub fn keep(&self) {
        self.0.borrow_mut().clear();
    }

    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Takes all of it away, the newest first. What could not be is still known after that.
    pub async fn remove(&self) -> Result<(), ClientError> {
        while let Some(CleanupEntry { client, made }) = self.pop() {
            // What was refused was not made.
            let Ok(Some(made)) = made.await else { continue };
            if let Err(error) = made.remove(&client).await {
                self.add(&client, made);
                return Err(error);
            }
        }
        Ok(())
    }

    fn pop(&self) -> Option<CleanupEntry> {
        self.0.borrow_mut().pop()
    }
}

impl Made {
    async fn remove(self, client: &Client) -> Result<(), ClientError> {
        let removed = match self {
            Self::Organization(id) => client.delete_organization(id, true).await.map(drop),
            Self::Event(id) => client.delete_event(id).await.map(drop),
            Self::Bookings(event, user) => cancel_all(client, event, user).await,
        };
        match removed {
            Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(()),
            removed => removed,
        }
    }
}

async fn cancel_all(client: &Client, event: EventId, user: UserId) -> Result<(), ClientError> {
    let mut quiet = 0;
    while quiet < QUIET_LOOKS {
        quiet += 1;
        // Whoever waits goes first, so that nobody is promoted only to be cancelled.
        for status in [BookingStatus::Waiting, BookingStatus::Confirmed] {
            let query = BookingsQuery { status: Some(status), ..BookingsQuery::default() };
            let found = client.bookings_at(event, &query).await?;
            for mine in found.iter().filter(|found| found.booking.user_id == user) {
                client.cancel_booking(mine.booking.id).await?;
                quiet = 0;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
