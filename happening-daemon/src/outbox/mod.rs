//! From the commit to the queue.
//!
//! A notification's outbox row is written in the booking's commit and leaves when the worker has delivered. On the usual
//! way nobody reads it: the engine hands the notification over in memory, the relay publishes it and notes that it did.
//! What goes wrong on that way (the daemon is killed, the broker is away or wiped, a worker dies) only means that the
//! row comes due: some relay takes it and publishes again, and the worker recognizes what it has delivered before.

mod announcer;
mod relay;

pub use announcer::Announcer;
pub use relay::{REDELIVERY, Relay};

use happening_core::wire::QueuedNotification;
use tokio::sync::mpsc;

/// Batches that may wait for the relay. More are left to the outbox.
const BATCHES: usize = 256;

/// The engine's end of the way to the relay.
#[derive(Clone)]
pub struct Handoff(mpsc::Sender<Vec<QueuedNotification>>);

impl Handoff {
    /// Both ends.
    pub fn channel() -> (Self, mpsc::Receiver<Vec<QueuedNotification>>) {
        let (sender, receiver) = mpsc::channel(BATCHES);
        (Self(sender), receiver)
    }

    /// Hands committed notifications over. Never waits: what does not fit comes due in the outbox.
    pub fn offer(&self, notifications: Vec<QueuedNotification>) {
        if !notifications.is_empty() {
            let _ = self.0.try_send(notifications);
        }
    }
}
