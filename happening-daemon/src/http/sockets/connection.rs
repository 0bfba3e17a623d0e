//! One socket: who it is, what it asks, and what is left to clear away when it goes.

use super::limits::{Bucket, Place, Verdict};
use super::words::{Asked, HOLDS_RESPONSE, HOLDS_UPDATE, HoldsResponse, HoldsUpdate, Verb};
use super::{Slow, Sockets, room_of, tell};
use crate::holds::Holder;
use crate::service::{Caller, Error};
use happening_core::id::{EventId, UserId};
use happening_core::wire::ErrorCode;
use serde_json::Value;
use socketioxide::extract::{SocketRef, TryData};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Messages that may wait to be handled.
const WAITING: usize = 256;

/// Between two attempts to tell a socket that it is too slow.
const PAUSE: Duration = Duration::from_millis(250);

/// Something a socket asks.
type Ask = (Verb, Asked);

/// The ear of a socket: what it says is counted, read, and queued in the order in which it came.
pub(super) struct Asks {
    sender: mpsc::Sender<Ask>,
    receiver: mpsc::Receiver<Ask>,
    bucket: Arc<Mutex<Bucket>>,
}

impl Asks {
    pub(super) fn new(per_second: u32) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let bucket = Arc::new(Mutex::new(Bucket::new(per_second, Instant::now())));
        Self { sender, receiver, bucket }
    }

    /// Listens to the socket. Returns where its questions arrive.
    pub(super) fn hear(self, socket: &SocketRef) -> mpsc::Receiver<Ask> {
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
                tell(&socket, ErrorCode::ValidationFailed, "There is no such event to send.", None);
            }
            std::future::ready(())
        });
        self.receiver
    }
}

fn hear_one(socket: &SocketRef, verb: Verb, said: Value, sender: &mpsc::Sender<Ask>, bucket: &Mutex<Bucket>) {
    if !may_pass(socket, bucket, Some(verb)) {
        return;
    }
    match serde_json::from_value::<Asked>(said) {
        Ok(asked) => {
            if sender.try_send((verb, asked)).is_err() {
                let busy = "Your last messages are still being worked on: please wait for them.";
                tell(socket, ErrorCode::RateLimited, busy, Some(verb.name()));
            }
        }
        Err(error) => {
            let why = format!("This needs an `eventId`, and `seats` where seats are meant: {error}.");
            tell(socket, ErrorCode::ValidationFailed, &why, Some(verb.name()));
        }
    }
}

fn may_pass(socket: &SocketRef, bucket: &Mutex<Bucket>, verb: Option<Verb>) -> bool {
    let verdict = bucket.lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now());
    if verdict == Verdict::Refuse {
        let why = "Too many messages: this one, and more of them until you slow down, are not heard.";
        tell(socket, ErrorCode::RateLimited, why, verb.map(Verb::name));
    }
    verdict == Verdict::Pass
}

/// What the handshake found out.
pub(super) struct Handshake {
    pub caller: Option<Caller>,
    pub place: Place,
    pub asked: mpsc::Receiver<Ask>,
}

/// A handshake that waits for its socket to be connected.
#[derive(Clone)]
struct Parked(Arc<Mutex<Option<Handshake>>>);

impl Handshake {
    /// As something that a socket carries.
    pub(super) fn parked(self) -> impl Clone + Send + Sync + 'static {
        Parked(Arc::new(Mutex::new(Some(self))))
    }

    /// The handshake of a socket that is connected now.
    pub(super) fn take(socket: &SocketRef) -> Option<Self> {
        let parked = socket.extensions.remove::<Parked>()?;
        parked.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// One socket.
pub(super) struct Connection {
    sockets: Arc<Sockets>,
    socket: SocketRef,
    asked: mpsc::Receiver<Ask>,
    user: Option<UserId>,
    /// The address that its person has proved to have.
    email: Option<String>,
    expiry: Option<tokio::time::Instant>,
    joined: HashSet<EventId>,
    /// Events at which it may hold seats.
    holding: HashSet<EventId>,
    gone: CancellationToken,
    slow: Slow,
    _place: Place,
}

impl Connection {
    pub(super) fn new(sockets: Arc<Sockets>, socket: SocketRef, handshake: Handshake) -> Self {
        let Handshake { caller, place, asked } = handshake;
        let user = caller.as_ref().and_then(|caller| caller.user().ok()).map(|user| user.id);
        // Invites go by the address, to whoever has proved to have it.
        let proved = caller.as_ref().filter(|caller| caller.claims.email_verified);
        let email = proved.and_then(|caller| caller.claims.email.clone());
        let left = caller.map(|caller| caller.claims.expires_at - sockets.services.clock.now());
        let expiry = left.map(|left| tokio::time::Instant::now() + left.to_std().unwrap_or_default());
        let (gone, slow) = (CancellationToken::new(), Slow::default());
        socket.extensions.insert(slow.clone());
        let cancel = gone.clone();
        socket.on_disconnect(move || {
            cancel.cancel();
            std::future::ready(())
        });
        if let Some(email) = &email {
            socket.join(room_of(email));
        }
        Self {
            sockets,
            socket,
            asked,
            user,
            email,
            expiry,
            joined: HashSet::new(),
            holding: HashSet::new(),
            gone,
            slow,
            _place: place,
        }
    }

    /// Does what the socket asks until it is gone, then clears away what it leaves.
    pub(super) async fn run(mut self) {
        loop {
            let expiry = self.expiry;
            let expired = async {
                match expiry {
                    Some(expiry) => tokio::time::sleep_until(expiry).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.gone.cancelled() => break,
                () = self.sockets.farewell.cancelled() => {
                    // Its transport is closed; this takes it out of the namespace, which else would never be dropped.
                    let _ = self.socket.clone().disconnect();
                    break;
                }
                () = self.slow.0.cancelled() => {
                    self.dismiss().await;
                    break;
                }
                () = expired => self.become_nobody().await,
                ask = self.asked.recv() => match ask {
                    Some((verb, asked)) => self.answer(verb, asked).await,
                    None => break,
                },
            }
        }
        for event in std::mem::take(&mut self.joined) {
            self.sockets.rooms.leave(event, self.socket.id);
        }
        self.release_all().await;
    }

    async fn answer(&mut self, verb: Verb, asked: Asked) {
        let event = asked.event_id;
        let done = match verb {
            Verb::Join => self.join(event).await,
            Verb::Leave => {
                self.joined.remove(&event);
                self.sockets.rooms.leave(event, self.socket.id);
                Ok(())
            }
            Verb::Set => self.set(event, asked.seats).await,
            Verb::Heartbeat => self.sockets.services.extend_socket_holds(event, &self.holder()).await,
            Verb::Sync => self.sync(event).await,
            Verb::Clear => self.clear(event).await,
        };
        if let Err(error) = done {
            tell(&self.socket, error.code, &error.detail, Some(verb.name()));
        }
    }

    async fn join(&mut self, event: EventId) -> Result<(), Error> {
        self.sockets.join(event, &self.socket).await?;
        self.joined.insert(event);
        if self.gone.is_cancelled() {
            // Gone while it joined; what it leaves is cleared away in a moment.
            self.sockets.rooms.leave(event, self.socket.id);
        }
        Ok(())
    }

    async fn set(&mut self, event: EventId, seats: Vec<u32>) -> Result<(), Error> {
        let most = self.sockets.limits.seats;
        self.holding.insert(event);
        let held = self.sockets.services.set_socket_holds(event, &self.holder(), &seats, most).await?;
        let words = HoldsResponse {
            event_id: event,
            requested_seats: &seats,
            allowed_seats: &held.allowed,
            conflicts: &held.conflicts,
        };
        // Whoever does not read is dismissed by the room.
        let _ = self.socket.emit(HOLDS_RESPONSE, &words);
        self.sockets.services.live.holds_changed(event);
        Ok(())
    }

    async fn sync(&self, event: EventId) -> Result<(), Error> {
        let held = self.sockets.services.held_seats(event).await?;
        let _ = self.socket.emit(HOLDS_UPDATE, &HoldsUpdate { event_id: event, held_seats: &held });
        Ok(())
    }

    async fn clear(&mut self, event: EventId) -> Result<(), Error> {
        self.sockets.services.release_socket_holds(event, &self.holder()).await?;
        self.holding.remove(&event);
        Ok(())
    }

    async fn release_all(&mut self) {
        let holder = self.holder();
        for event in std::mem::take(&mut self.holding) {
            // If they do not answer, the holds run out.
            let _ = self.sockets.services.release_socket_holds(event, &holder).await;
        }
    }

    /// The token has expired: what was held for the person is released, and the socket goes on without a name.
    async fn become_nobody(&mut self) {
        self.expiry = None;
        self.release_all().await;
        self.user = None;
        if let Some(email) = self.email.take() {
            self.socket.leave(room_of(&email));
        }
        let why =
            "The access token has expired: this socket goes on anonymously. Connect again with a fresh one.";
        tell(&self.socket, ErrorCode::Unauthenticated, why, None);
    }

    /// Tells a socket that it is too slow as soon as it reads again, and sends it away. One that never does is cut off by
    /// the heartbeat.
    async fn dismiss(&self) {
        let why = "Too much was left unread: please connect again and load what you show anew.";
        while !self.gone.is_cancelled() {
            if tell(&self.socket, ErrorCode::Unavailable, why, None)
                && self.socket.clone().disconnect().is_ok()
            {
                return;
            }
            tokio::select! {
                () = self.gone.cancelled() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    fn holder(&self) -> Holder {
        Holder::Socket { id: self.socket.id.to_string(), user: self.user }
    }
}
