//! One socket: who it is, what it asks, and what is left to clear away when it goes.

use super::inbox::SocketRequest;
use super::protocol::{Asked, HOLDS_RESPONSE, HOLDS_UPDATE, HoldsResponse, HoldsUpdate, Verb};
use super::{Slow, Sockets, room_of, send_error};
use crate::holds::{Changed, Holder, Peer};
use crate::places::Place;
use crate::service::{Caller, Error, account_addressee};
use happening_core::id::EventId;
use happening_core::wire::ErrorCode;
use socketioxide::extract::SocketRef;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Why a socket goes on without its person.
const EXPIRED: &str = "The access token has expired: connect again with a fresh one.";

/// Between two attempts to send a socket that it is too slow.
const PAUSE: Duration = Duration::from_millis(250);

/// Events that one socket may watch at once: each costs the daemon what it knows of the event's seats.
const ROOMS: usize = 100;

/// What the handshake found out.
pub(super) struct Handshake {
    pub caller: Option<Caller>,
    pub peer: Option<Peer>,
    pub places: Vec<Place>,
    pub asked: mpsc::Receiver<SocketRequest>,
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
    asked: mpsc::Receiver<SocketRequest>,
    /// Who sent a token, for as long as it is valid and they may come in.
    caller: Option<Caller>,
    /// The address that its person has proved to have.
    email: Option<String>,
    expiry: Option<tokio::time::Instant>,
    /// From where it comes.
    peer: Option<Peer>,
    joined: HashSet<EventId>,
    /// Events at which it may hold seats, and as whom.
    holding: HashMap<EventId, Holder>,
    gone: CancellationToken,
    slow: Slow,
    _places: Vec<Place>,
}

impl Connection {
    pub(super) fn new(sockets: Arc<Sockets>, socket: SocketRef, handshake: Handshake) -> Self {
        let Handshake { caller, peer, places, asked } = handshake;
        // Invites go by the address, to those who have proved to have it.
        let proved = caller.as_ref().filter(|caller| caller.claims.email_verified);
        let email = proved.and_then(|caller| caller.claims.email.clone());
        let left = caller.as_ref().map(|caller| caller.claims.expires_at - sockets.services.clock.now());
        let expiry = left.map(|left| tokio::time::Instant::now() + left.to_std().unwrap_or_default());
        let (gone, slow) = (CancellationToken::new(), Slow::default());
        socket.extensions.insert(slow.clone());
        let cancel = gone.clone();
        socket.on_disconnect(move || {
            cancel.cancel();
            std::future::ready(())
        });
        if let Some(caller) = &caller {
            socket.extensions.insert(caller.clone());
            if let Ok(user) = caller.user() {
                socket.join(room_of(&account_addressee(user.id)));
            }
            if let Some(email) = &email {
                socket.join(room_of(email));
            }
        }
        Self {
            sockets,
            socket,
            asked,
            caller,
            email,
            expiry,
            peer,
            joined: HashSet::new(),
            holding: HashMap::new(),
            gone,
            slow,
            _places: places,
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
                () = expired => {
                    self.become_nobody(ErrorCode::Unauthenticated, EXPIRED).await;
                }
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
            Verb::Heartbeat => self.extend(event).await,
            Verb::Sync => self.sync(event).await,
            Verb::Clear => self.clear(event).await,
        };
        if let Err(error) = done {
            send_error(&self.socket, error.code, &error.detail, Some(verb.name()));
        }
    }

    async fn join(&mut self, event: EventId) -> Result<(), Error> {
        if self.joined.len() >= ROOMS && !self.joined.contains(&event) {
            let why = format!("One socket watches at most {ROOMS} events at once: leave one first.");
            return Err(Error::new(ErrorCode::RateLimited, why));
        }
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
        // Seats may be given back wherever they were had.
        let holder =
            if seats.is_empty() { self.holder_so_far(event) } else { self.holder_now(event).await? };
        let services = &self.sockets.services;
        let Changed { answer: held, list } = services.set_socket_holds(event, &holder, &seats, most).await?;
        let words = HoldsResponse {
            event_id: event,
            requested_seats: &seats,
            allowed_seats: &held.allowed,
            conflicts: &held.conflicts,
        };
        // Who does not read is dismissed by the room.
        let _ = self.socket.emit(HOLDS_RESPONSE, &words);
        let unchanged =
            if held.changed { None } else { Some(services.open_seats(event, &list.holds).await?) };
        services.holds_changed(event, list).await;
        if let Some(held) = unchanged {
            self.send_held(event, &held);
        }
        Ok(())
    }

    /// Answers the socket alone. Its room hears of holds only when they change: viewers who merely keep what they hold
    /// would otherwise cost each other a message each.
    async fn extend(&mut self, event: EventId) -> Result<(), Error> {
        let held = if self.holding.contains_key(&event) {
            let holder = self.holder_now(event).await?;
            self.sockets.services.extend_socket_holds(event, &holder).await?
        } else {
            self.sockets.services.held_seats_seen(event).await?
        };
        self.send_held(event, &held);
        Ok(())
    }

    async fn sync(&self, event: EventId) -> Result<(), Error> {
        let held = self.sockets.services.held_seats(event).await?;
        self.send_held(event, &held);
        Ok(())
    }

    async fn clear(&mut self, event: EventId) -> Result<(), Error> {
        let services = &self.sockets.services;
        let freed = match self.holding.get(&event) {
            Some(holder) => services.release_socket_holds(event, holder).await?,
            None => false,
        };
        self.holding.remove(&event);
        // Nothing of it is published in the room, so the socket is answered itself; of an event that is gone there is nothing to say.
        if !freed && let Ok(held) = services.held_seats_seen(event).await {
            self.send_held(event, &held);
        }
        Ok(())
    }

    fn send_held(&self, event: EventId, held: &[u32]) {
        let _ = self.socket.emit(HOLDS_UPDATE, &HoldsUpdate { event_id: event, held_seats: held });
    }

    async fn release_all(&mut self) {
        for (event, holder) in std::mem::take(&mut self.holding) {
            // If they do not answer, the holds run out.
            let _ = self.sockets.services.release_socket_holds(event, &holder).await;
        }
    }

    /// Looks again who this is: a person who was suspended is refused at once elsewhere. While that cannot be known, nothing
    /// is done in their name.
    async fn recognize(&mut self) -> Result<(), Error> {
        let Some(caller) = &self.caller else { return Ok(()) };
        match self.sockets.services.recognize_again(caller).await {
            Ok(caller) => self.caller = Some(caller),
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => self.become_nobody(error.code, &error.detail).await,
        }
        Ok(())
    }

    /// As whom it holds seats of an event from now on. What it held there as somebody else is released: its person may no
    /// longer see the event, or has come to.
    async fn holder_now(&mut self, event: EventId) -> Result<Holder, Error> {
        self.recognize().await?;
        let (services, id) = (&self.sockets.services, self.socket.id.as_str());
        let holder = services.socket_holder(event, id, self.caller.as_ref(), self.peer).await?;
        let before = self.holding.insert(event, holder.clone());
        if let Some(before) = before.filter(|before| *before != holder) {
            services.release_socket_holds(event, &before).await?;
        }
        Ok(holder)
    }

    /// The token has expired, or is worth nothing any more: what was held for the person is released, and the socket goes on
    /// without a name.
    async fn become_nobody(&mut self, code: ErrorCode, why: &str) {
        self.expiry = None;
        self.release_all().await;
        let user = self.caller.take().and_then(|caller| caller.user().ok().map(|user| user.id));
        if let Some(user) = user {
            self.socket.leave(room_of(&account_addressee(user)));
        }
        if let Some(email) = self.email.take() {
            self.socket.leave(room_of(&email));
        }
        send_error(&self.socket, code, &format!("{why} This socket goes on anonymously."), None);
    }

    /// Tells a socket that it is too slow as soon as it reads again, and sends it away. One that never does is cut off by
    /// the heartbeat.
    async fn dismiss(&self) {
        let why = "Too much was left unread: please connect again and load what you show anew.";
        while !self.gone.is_cancelled() {
            if send_error(&self.socket, ErrorCode::Unavailable, why, None)
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

    /// As whom it holds seats of an event, if it holds any.
    fn holder_so_far(&self, event: EventId) -> Holder {
        let nobody = || Holder::Socket { id: self.socket.id.to_string(), user: None, peer: self.peer };
        self.holding.get(&event).cloned().unwrap_or_else(nobody)
    }
}
