//! Incoming messages of a socket: counted, parsed, and queued in the order in which they came.

use super::limits::{Bucket, Verdict};
use super::protocol::{Asked, Verb};
use super::send_error;
use happening_core::wire::ErrorCode;
use serde_json::Value;
use socketioxide::extract::{SocketRef, TryData};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::mpsc;

/// Messages that may wait to be handled.
const WAITING: usize = 256;

/// Something a socket asks.
pub(super) type SocketRequest = (Verb, Asked);

/// The messages of a socket: each is counted, read, and queued in the order in which it came.
pub(super) struct Inbox {
    sender: mpsc::Sender<SocketRequest>,
    receiver: mpsc::Receiver<SocketRequest>,
    bucket: Arc<Mutex<Bucket>>,
}

impl Inbox {
    pub(super) fn new(per_second: u32) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let bucket = Arc::new(Mutex::new(Bucket::new(per_second, Instant::now())));
        Self { sender, receiver, bucket }
    }

    /// Listens to the socket. Returns where its questions arrive.
    pub(super) fn hear(self, socket: &SocketRef) -> mpsc::Receiver<SocketRequest> {
        for verb in Verb::ALL {
            let (sender, bucket) = (self.sender.clone(), self.bucket.clone());
            let hear = move |socket: SocketRef, TryData(said): TryData<Value>| {
                // Here and not in the future, which runs in a task of its own: order would be lost.
                hear_one(&socket, verb, said.unwrap_or_default(), &sender, &bucket);
                std::future::ready(())
            };
            socket.on(verb.name(), hear);
        }
        let bucket = self.bucket;
        socket.on_fallback(move |socket: SocketRef| {
            if may_pass(&socket, &bucket, None) {
                send_error(&socket, ErrorCode::ValidationFailed, "There is no such event to send.", None);
            }
            std::future::ready(())
        });
        self.receiver
    }
}

fn hear_one(
    socket: &SocketRef,
    verb: Verb,
    said: Value,
    sender: &mpsc::Sender<SocketRequest>,
    bucket: &Mutex<Bucket>,
) {
    if !may_pass(socket, bucket, Some(verb)) {
        return;
    }
    match serde_json::from_value::<Asked>(said) {
        Ok(asked) => {
            if sender.try_send((verb, asked)).is_err() {
                let busy = "Your last messages are still being worked on: please wait for them.";
                send_error(socket, ErrorCode::RateLimited, busy, Some(verb.name()));
            }
        }
        Err(error) => {
            let why = format!("This needs an `eventId`, and `seats` where seats are meant: {error}.");
            send_error(socket, ErrorCode::ValidationFailed, &why, Some(verb.name()));
        }
    }
}

fn may_pass(socket: &SocketRef, bucket: &Mutex<Bucket>, verb: Option<Verb>) -> bool {
    let verdict = bucket.lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now());
    if verdict == Verdict::Refuse {
        let why = "Too many messages: this one, and more of them until you slow down, are not heard.";
        send_error(socket, ErrorCode::RateLimited, why, verb.map(Verb::name));
    }
    verdict == Verdict::Pass
}
