//! Socket.IO (protocol 5 over Engine.IO 4, path `/socket.io/`): seats as they are picked and booked, for browsers.
//!
//! The web client connects without credentials, so an anonymous socket may watch any event whose id it knows, and hold
//! seats as advice. A socket whose handshake carries a token (`auth.token`, or `Authorization`) holds for its person and is
//! sent their invites. It sees no more than an anonymous one; what a token opens is behind the REST API.
//!
//! `gate.rs` turns requests away before the library sees them; `inbox.rs` hears what a socket asks; `connection.rs` is one socket, which does it, one after the other. `rooms.rs` tells rooms what happens.
//! `limits.rs` bounds both. Nothing here knows other daemons: `crate::live` does.
//!
//! To add something a socket may ask: a [`protocol::Verb`], and what it does in `connection.rs`.

mod connection;
mod gate;
mod inbox;
mod limits;
mod protocol;
mod rooms;

pub(super) use gate::{Sessions, guard, is_for_sockets};
pub use limits::Limits;

use super::State;
use super::client_address::{self, Peer};
use crate::holds;
use crate::identity::bearer;
use crate::lifecycle::Lifecycle;
use crate::places::{Key, Place, network_of};
use crate::service::{Caller, RequestSource, Services};
use connection::{Connection, Handshake};
use happening_core::fields::address_key;
use happening_core::wire::{ErrorCode, InviteTold};
use inbox::Inbox;
use limits::Rates;
use protocol::{Auth, ERROR, ORG_INVITE, Refusal};
use rooms::Rooms;
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Messages that may wait to be read by a socket. A socket that is further behind is dismissed.
const UNREAD: usize = 1_024;

/// How long a connection may be open without a handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long sockets have to take leave.
const FAREWELL: Duration = Duration::from_secs(2);

/// What sockets work with.
pub(super) struct Sockets {
    api: State,
    services: Arc<Services>,
    lifecycle: Lifecycle,
    limits: Limits,
    rates: Rates,
    rooms: Rooms,
    /// Cancelled once the transports are closed at the daemon's end.
    farewell: CancellationToken,
}

/// Why a handshake is refused: the reason of the client's `connect_error`.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The layer that answers Socket.IO requests.
pub(super) fn layer(api: &State) -> SocketIoLayer {
    let limits = api.limits;
    let payload = limits.payload as usize;
    let (layer, io) = SocketIo::builder()
        .req_path("/socket.io")
        .connect_timeout(HANDSHAKE)
        .max_buffer_size(UNREAD)
        .max_payload(u64::from(limits.payload))
        .ws_max_message_size(payload)
        .ws_max_frame_size(payload)
        .build_layer();
    let sockets = Arc::new(Sockets {
        api: api.clone(),
        services: api.services.clone(),
        lifecycle: api.lifecycle.clone(),
        limits,
        rates: Rates::default(),
        rooms: Rooms::default(),
        farewell: CancellationToken::new(),
    });
    let handshake = {
        let sockets = sockets.clone();
        move |socket: SocketRef, TryData(auth): TryData<Auth>| {
            let sockets = sockets.clone();
            async move { sockets.shake_hands(&socket, auth.unwrap_or_default()).await }
        }
    };
    let connected = {
        let sockets = sockets.clone();
        move |socket: SocketRef| {
            sockets.connect(socket);
            std::future::ready(())
        }
    };
    io.ns("/", connected.with(handshake));
    api.lifecycle.spawn_until_soft(send_invites(io.clone(), sockets.services.clone()));
    let (soft, farewell) = (api.lifecycle.soft(), sockets.farewell.clone());
    api.lifecycle.spawn(async move {
        soft.cancelled().await;
        // Closes the transports, so that clients connect again by themselves, to whichever daemon answers then. What has
        // not been read by the end of the patience never will be.
        let _ = tokio::time::timeout(FAREWELL, io.close()).await;
        // Closed like this, sockets do not notice their own end: it is sent to them here.
        farewell.cancel();
    });
    layer
}

impl Sockets {
    /// Who connects, and whether there is room for them. What the socket then asks is heard from here on.
    async fn shake_hands(&self, socket: &SocketRef, auth: Auth) -> Result<(), Refused> {
        let parts = socket.req_parts();
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        let address =
            peer.map(|peer| client_address::address(peer.ip(), &parts.headers, &self.api.trusted_proxies));
        let caller = self.caller(socket, auth, address).await?;
        let places = if let Some(caller) = &caller {
            self.places_of_person(caller)?
        } else {
            let shares =
                |peer| client_address::shares_connections(peer, &parts.headers, &self.api.trusted_proxies);
            self.places_of_nobody(peer.filter(|peer| !shares(peer.ip())), address)?
        };
        let inbox = Inbox::new(self.limits.messages_per_second);
        let peer = address.map(holds::Peer::of);
        let handshake = Handshake { caller, peer, places, asked: inbox.hear(socket) };
        socket.extensions.insert(handshake.parked());
        Ok(())
    }

    /// People are counted by themselves, wherever they are: a crowd behind their address does not keep them out.
    fn places_of_person(&self, caller: &Caller) -> Result<Vec<Place>, Refused> {
        let subject = caller.claims.subject.clone();
        Ok(vec![
            self.place(Key::SocketsOf(subject), self.limits.sockets_per_person, "are open for this person")?,
            self.place(Key::Sockets, self.limits.sockets, "are open")?,
            self.place(Key::SignedIn, 0, "are open")?,
        ])
    }

    /// Anonymous sockets are counted by connection first, so that a flood over one costs the others behind its address
    /// nothing, then by address. `alone` is a connection that is not shared by many.
    fn places_of_nobody(
        &self,
        alone: Option<SocketAddr>,
        address: Option<IpAddr>,
    ) -> Result<Vec<Place>, Refused> {
        let (limits, mut places) = (&self.limits, Vec::new());
        if let Some(alone) = alone {
            let over = "were opened over this connection";
            places.push(self.place(Key::AnonymousOver(alone), limits.sockets_per_connection, over)?);
        }
        if let Some(address) = address {
            let network = network_of(address);
            let from = "are open from this address";
            places.push(self.place(Key::AnonymousOf(network), limits.sockets_per_address, from)?);
            if !self.rates.may_enter(network, limits.handshakes_per_second, Instant::now()) {
                let limit = limits.handshakes_per_second;
                return Err(Refused(format!(
                    "Too many connections a second from this address (more than {limit}): please wait a moment."
                )));
            }
        }
        places.push(self.place(Key::Sockets, limits.sockets, "are open")?);
        Ok(places)
    }

    fn place(&self, key: Key, most: u32, what: &str) -> Result<Place, Refused> {
        let refused = || Refused(format!("Too many connections {what}: at most {most}."));
        self.api.places.enter(key, most).ok_or_else(refused)
    }

    /// The person whose token was sent; nobody, if none was sent. A token that is not valid is refused: who sends one means it.
    async fn caller(
        &self,
        socket: &SocketRef,
        auth: Auth,
        address: Option<IpAddr>,
    ) -> Result<Option<Caller>, Refused> {
        let header = socket.req_parts().headers.get(http::header::AUTHORIZATION);
        let token = match (auth.token.filter(|token| !token.is_empty()), header) {
            (Some(token), _) => token.trim_start_matches("Bearer ").to_owned(),
            (None, Some(_)) => bearer(header).map_err(|rejection| Refused(rejection.to_string()))?.to_owned(),
            (None, None) => return Ok(None),
        };
        let claims =
            self.api.verifier.verify(&token).await.map_err(|rejection| Refused(rejection.to_string()))?;
        let source = RequestSource { address, request_id: None };
        let caller = self.services.identify(claims, source).await.map_err(|error| Refused(error.detail))?;
        Ok(Some(caller))
    }

    fn connect(self: &Arc<Self>, socket: SocketRef) {
        let Some(handshake) = Handshake::take(&socket) else { return };
        self.lifecycle.spawn(Connection::new(self.clone(), socket, handshake).run());
    }
}

/// The room of the sockets that are sent the invites to an addressee: an account, or an e-mail address.
fn room_of(addressee: &str) -> String {
    format!("invited:{}", address_key(addressee))
}

/// Tells people of their invites.
async fn send_invites(io: SocketIo, services: Arc<Services>) {
    let mut invites = services.live.invites();
    loop {
        match invites.recv().await {
            Ok((email, invite)) => send_invite(&io, &services, &email, &invite).await,
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "invites were not published live"),
            Err(RecvError::Closed) => return,
        }
    }
}

/// Sends the invite to the sockets of its addressee, unless they may not come in any more.
async fn send_invite(io: &SocketIo, services: &Services, email: &str, invite: &InviteTold) {
    let room = room_of(email);
    for socket in io.to(room.clone()).sockets() {
        let Some(caller) = socket.extensions.get::<Caller>() else { continue };
        match services.recognize_again(&caller).await {
            Ok(_) => match services.hears_of_invites(&caller, invite.organization_id).await {
                // Who does not read has the invite in their list all the same.
                Ok(true) => _ = socket.emit(ORG_INVITE, invite),
                Ok(false) => {}
                Err(error) => tracing::debug!(code = %error.code, "an invite was not sent to a socket"),
            },
            Err(error) if error.is_passing() => {}
            Err(_) => socket.leave(room.clone()),
        }
    }
}

/// Marks a socket that does not read what it is sent.
#[derive(Debug, Clone, Default)]
struct Slow(CancellationToken);

/// Sends a socket away that does not read what it is sent.
fn dismiss(socket: &SocketRef) {
    if let Some(slow) = socket.extensions.get::<Slow>() {
        slow.0.cancel();
    }
}

/// Sends a socket why something was not done. True unless it is to be sent later.
fn send_error(socket: &SocketRef, code: ErrorCode, message: &str, event: Option<&'static str>) -> bool {
    socket.emit(ERROR, &Refusal { code, message, event }).is_ok()
}
