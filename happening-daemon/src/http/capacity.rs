//! How much the daemon takes on at once: connections in total and of one address, and what becomes of more.
//!
//! Each connection is an open file, and a process that has none left can neither accept nor ask its database. So the daemon
//! takes fewer than it has files for, and keeps some in reserve. A connection beyond the bound is still accepted, in the
//! reserve, for one request: health checks, bookings and cancellations are answered, everything else is 503 (or 429, where
//! it is one address that has too many) with `Retry-After`. What does not even fit the reserve is closed at once.

use super::error::Error;
use super::request_id;
use crate::places::{Key, Place, Places, network_of};
use crate::service;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use happening_core::wire::ErrorCode;
use std::net::IpAddr;

/// Connections beyond the bound that are answered at once, in total and of one address.
const RESERVE: u32 = 64;
const RESERVE_OF_ADDRESS: u32 = 8;

/// Files for everything that is neither a connection nor counted below: logs, pipes, Redis, the broker, requests to the
/// issuer, files that are read.
const OTHER_FILES: u32 = 64;

/// How much is taken on. 0 is any number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Connections.
    pub connections: u32,
    /// Connections of one address that is no trusted proxy.
    pub connections_per_address: u32,
    /// Streams.
    pub streams: u32,
    /// Streams of one person.
    pub streams_per_person: u32,
    /// Sockets.
    pub sockets: u32,
}

impl Capacity {
    /// The same with what fits `files` open files, of which `used` belong to the database. Streams and sockets last, so
    /// they get at most a part of the connections: those who ask and go find room.
    #[must_use]
    pub fn within(self, files: u64, used: u32) -> Self {
        let files = u32::try_from(files).unwrap_or(u32::MAX);
        let spare = files.saturating_sub(used + OTHER_FILES + RESERVE).max(8);
        let most = |wanted: u32, bound: u32| if wanted == 0 { bound } else { wanted.min(bound) };
        let connections = most(self.connections, spare);
        Self {
            connections,
            streams: most(self.streams, connections / 2),
            sockets: most(self.sockets, connections / 4 * 3),
            ..self
        }
    }
}

/// Why a connection is served in the reserve alone; set by the listener on each of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    /// The daemon has as many connections as it takes.
    Daemon(u32),
    /// The address has.
    Address(u32),
}

/// A connection that was accepted.
pub(super) struct Admitted {
    /// Present in the reserve.
    pub excess: Option<Excess>,
    _places: Vec<Place>,
}

/// Who may come in.
#[derive(Debug, Clone)]
pub(super) struct Admission {
    pub capacity: Capacity,
    pub places: Places,
    pub trusted_proxies: Vec<IpAddr>,
}

impl Admission {
    /// Whether a connection is served, and how. `None`: not even in the reserve.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Admitted> {
        let Capacity { connections, connections_per_address, .. } = self.capacity;
        let network = network_of(peer);
        // A proxy's connections are everybody's.
        let is_proxy = self.trusted_proxies.contains(&peer.to_canonical());
        let per_address = if is_proxy { 0 } else { connections_per_address };
        let (total, own) = (Key::Connections, Key::ConnectionsOf(network));
        let enter = |most: u32, reserve: u32, key: &Key| {
            if most == 0 {
                self.places.enter(key.clone(), 0)
            } else {
                self.places.enter(key.clone(), most + reserve)
            }
        };
        let admitted = |excess, places: [Place; 2]| Some(Admitted { excess, _places: places.into() });
        if let Some(own) = enter(per_address, 0, &own) {
            if let Some(total) = enter(connections, 0, &total) {
                return admitted(None, [own, total]);
            }
            let reserved = self.places.enter(Key::ReservedOf(network), RESERVE_OF_ADDRESS)?;
            let total = enter(connections, RESERVE, &total)?;
            return admitted(Some(Excess::Daemon(connections)), [reserved, total]);
        }
        let own = enter(per_address, RESERVE_OF_ADDRESS, &own)?;
        let total = enter(connections, RESERVE, &total)?;
        admitted(Some(Excess::Address(per_address)), [own, total])
    }
}

/// Answers what comes over a connection that is one too many; all else is for `answer`.
pub(super) async fn turn_away<F: Future<Output = Response>>(
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let Some(excess) = request.extensions().get::<Excess>().copied() else {
        return answer(request).await;
    };
    let mut response = if is_served(excess, request.method(), request.uri().path()) {
        answer(request).await
    } else {
        request_id::refused(request.headers(), refusal(excess))
    };
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Health checks always; what the daemon is there for, unless it is one address that asks for too much.
fn is_served(excess: Excess, method: &Method, path: &str) -> bool {
    match (excess, method.as_str()) {
        (_, "GET") => matches!(path, "/healthz" | "/readyz"),
        (Excess::Daemon(_), "POST" | "OPTIONS") => {
            path == "/bookings" || path.starts_with("/bookings/") && path.contains("/cancel")
        }
        _ => false,
    }
}

fn refusal(excess: Excess) -> Error {
    let (code, limit, why) = match excess {
        Excess::Daemon(limit) => (ErrorCode::Unavailable, limit, "Too many connections are open"),
        Excess::Address(limit) => {
            (ErrorCode::RateLimited, limit, "Too many connections are open from this address")
        }
    };
    let detail = format!("{why}: at most {limit}. Please try again in a moment.");
    service::Error { members: vec![("limit", limit.into())], ..service::Error::new(code, detail) }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(connections: u32, connections_per_address: u32) -> Admission {
        let capacity = Capacity { connections, connections_per_address, ..Capacity::default() };
        let trusted_proxies = vec![IpAddr::from([10, 0, 0, 1])];
        Admission { capacity, places: Places::default(), trusted_proxies }
    }

    fn from(number: u32) -> IpAddr {
        IpAddr::from((0xC000_0200 + number).to_be_bytes())
    }

    #[test]
    fn what_is_too_much_for_the_daemon_is_served_in_the_reserve_and_then_not_at_all() {
        let admission = admission(3, 0);
        let mut open: Vec<Admitted> = (0..3).filter_map(|_| admission.admit(from(1))).collect();
        assert!(open.iter().all(|admitted| admitted.excess.is_none()));
        let reserved: Vec<_> = (0..RESERVE_OF_ADDRESS).filter_map(|_| admission.admit(from(1))).collect();
        assert!(reserved.iter().all(|admitted| admitted.excess == Some(Excess::Daemon(3))));
        assert!(admission.admit(from(1)).is_none(), "one address does not use the reserve up");
        let others: Vec<_> = (2..RESERVE + 9).filter_map(|number| admission.admit(from(number))).collect();
        assert_eq!(others.len(), (RESERVE - RESERVE_OF_ADDRESS) as usize);
        drop((reserved, others));
        open.pop();
        assert!(admission.admit(from(1)).is_some_and(|admitted| admitted.excess.is_none()), "given back");
    }

    #[test]
    fn an_address_has_so_many_and_a_trusted_proxy_as_many_as_it_likes() {
        let admission = admission(0, 2);
        let open: Vec<Admitted> = (0..20).filter_map(|_| admission.admit(from(1))).collect();
        let excess = open.iter().filter(|admitted| admitted.excess == Some(Excess::Address(2))).count();
        assert_eq!((open.len() - excess, excess), (2, RESERVE_OF_ADDRESS as usize));
        assert!(admission.admit(from(2)).is_some_and(|admitted| admitted.excess.is_none()), "another one");
        let proxied: Vec<_> = (0..9).filter_map(|_| admission.admit(IpAddr::from([10, 0, 0, 1]))).collect();
        assert!(proxied.len() == 9 && proxied.iter().all(|admitted| admitted.excess.is_none()));
    }

    #[test]
    fn files_bound_what_is_taken_on() {
        let wanted = Capacity { connections: 10_000, streams: 4_000, sockets: 0, ..Capacity::default() };
        let plenty = wanted.within(1 << 20, 20);
        assert_eq!((plenty.connections, plenty.streams, plenty.sockets), (10_000, 4_000, 7_500));
        let few = wanted.within(256, 28);
        assert_eq!((few.connections, few.streams, few.sockets), (100, 50, 75));
        assert!(wanted.within(0, 20).connections > 0);
        let unbounded = Capacity::default().within(u64::MAX, 0);
        assert!(unbounded.connections > 1 << 31);
    }

    #[test]
    fn the_reserve_is_for_health_and_bookings() {
        let served = |excess, method: &str, path| is_served(excess, &method.parse().expect("a method"), path);
        let (daemon, address) = (Excess::Daemon(1), Excess::Address(1));
        for (method, path) in [("GET", "/healthz"), ("GET", "/readyz")] {
            assert!(served(daemon, method, path) && served(address, method, path));
        }
        for path in ["/bookings", "/bookings/1/cancel", "/bookings/1/cancel-seats"] {
            assert!(served(daemon, "POST", path) && !served(address, "POST", path));
        }
        for path in ["/events", "/admin/stream", "/bookings/1", "/socket.io/"] {
            assert!(!served(daemon, "GET", path));
        }
    }
}
