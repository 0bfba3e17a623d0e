//! Rooms of sockets: each has one listener at the hub, and one task that translates what it hears into what the web client
//! understands.
//!
//! The page adds and subtracts as messages come, so each change is one message, in order, to everyone in the room.

use super::protocol::{BOOKINGS_UPDATE, BookingsUpdate, HOLDS_UPDATE, HoldsUpdate, SEATS_FREED, SeatsFreed};
use super::{Sockets, send_error};
use crate::live::Listener;
use crate::service::Error;
use happening_core::id::EventId;
use happening_core::wire::{ErrorCode, LiveMessage};
use serde::Serialize;
use socketioxide::SocketError;
use socketioxide::extract::SocketRef;
use socketioxide::socket::Sid;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// The rooms that have sockets.
#[derive(Default)]
pub(super) struct Rooms(Mutex<HashMap<EventId, Arc<Room>>>);

/// The sockets in one room.
struct Room {
    event: EventId,
    members: Mutex<HashMap<Sid, SocketRef>>,
    /// Cancelled when the last one has left.
    empty: CancellationToken,
}

impl Rooms {
    fn rooms(&self) -> MutexGuard<'_, HashMap<EventId, Arc<Room>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a socket into a room that is open already.
    fn join_open(&self, event: EventId, socket: &SocketRef) -> bool {
        let rooms = self.rooms();
        let Some(room) = rooms.get(&event) else { return false };
        room.members().insert(socket.id, socket.clone());
        true
    }

    /// Takes a socket out of a room; the last one closes it.
    pub(super) fn leave(&self, event: EventId, socket: Sid) {
        let mut rooms = self.rooms();
        let Some(room) = rooms.get(&event) else { return };
        let mut members = room.members();
        members.remove(&socket);
        if members.is_empty() {
            drop(members);
            room.empty.cancel();
            rooms.remove(&event);
        }
    }
}

impl Sockets {
    /// Puts a socket into the room of an event, which must exist.
    pub(super) async fn join(self: &Arc<Self>, event: EventId, socket: &SocketRef) -> Result<(), Error> {
        if self.rooms.join_open(event, socket) {
            return Ok(());
        }
        let listener = self.services.enter_room(event).await?;
        let room = {
            let mut rooms = self.rooms.rooms();
            if let Some(room) = rooms.get(&event) {
                // Somebody else opened it meanwhile: theirs it is, and our listener goes.
                room.members().insert(socket.id, socket.clone());
                return Ok(());
            }
            let members = Mutex::new(HashMap::from([(socket.id, socket.clone())]));
            let room = Arc::new(Room { event, members, empty: CancellationToken::new() });
            rooms.insert(event, room.clone());
            room
        };
        self.lifecycle.spawn_until_soft(room.run(listener));
        Ok(())
    }
}

impl Room {
    fn members(&self) -> MutexGuard<'_, HashMap<Sid, SocketRef>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the room what its listener hears, until it is empty.
    async fn run(self: Arc<Self>, mut listener: Listener) {
        let mut held = Vec::new();
        loop {
            let entry = tokio::select! {
                () = self.empty.cancelled() => return,
                entry = listener.next() => entry,
            };
            match entry {
                Some(entry) => self.emit_message(&entry.message, &mut held),
                None => return self.dissolve(),
            }
        }
    }

    fn emit_message(&self, message: &LiveMessage, held: &mut Vec<u32>) {
        match message {
            LiveMessage::Seats { booked, freed, withdrawn, .. } => {
                if !freed.is_empty() {
                    self.emit(SEATS_FREED, &SeatsFreed { event_id: self.event, freed_seats: freed });
                }
                // Who counts free seats loses those that are withdrawn as those that are booked.
                for gone in [booked, withdrawn] {
                    if !gone.is_empty() {
                        held.retain(|seat| gone.binary_search(seat).is_err());
                        self.emit_holds(held);
                        self.emit(
                            BOOKINGS_UPDATE,
                            &BookingsUpdate { event_id: self.event, booked_seats: gone },
                        );
                    }
                }
            }
            LiveMessage::Holds { held: now, .. } => {
                held.clone_from(now);
                self.emit_holds(held);
            }
            _ => {}
        }
    }

    fn emit_holds(&self, held: &[u32]) {
        self.emit(HOLDS_UPDATE, &HoldsUpdate { event_id: self.event, held_seats: held });
    }

    /// To everyone in the room. Who does not read what was sent to them leaves the room, so that nobody waits.
    fn emit(&self, name: &str, words: &impl Serialize) {
        self.members().retain(|_, socket| {
            let sent = socket.emit(name, words);
            let is_full =
                matches!(sent, Err(socketioxide::SendError::Socket(SocketError::InternalChannelFull)));
            if is_full {
                super::dismiss(socket);
            }
            !is_full
        });
    }

    /// The room itself did not keep up, so that its sockets do not know what they missed: they must come anew.
    fn dissolve(&self) {
        for socket in std::mem::take(&mut *self.members()).into_values() {
            send_error(
                &socket,
                ErrorCode::Unavailable,
                "Too much happened at once: please load the event anew.",
                None,
            );
            super::dismiss(&socket);
        }
    }
}
