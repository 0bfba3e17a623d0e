//! The listener: HTTP/1.1 connections, as many as it has room for, each with a deadline for its request's head and for its
//! reading of the answer, ended softly at shutdown.

use super::capacity::{Admission, Admitted, Capacity, Excess};
use super::client_address::Peer;
use super::patient::Patient;
use super::sockets::Sessions;
use crate::lifecycle::Lifecycle;
use crate::places::Places;
use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// How long a request's head may take to arrive: a client that dribbles it holds nothing but its own socket.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// The same of a connection that is served in the reserve.
const HEAD_TIMEOUT_IN_RESERVE: Duration = Duration::from_secs(5);

/// Bytes of an answer that the system keeps for a client that does not read, which it doubles for its own needs. By itself
/// it would keep megabytes, whose slow progress looks like none; this much is some megabytes a second to anywhere.
const SEND_BUFFER: u32 = 128 * 1024;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1_024;

/// What a listener takes on.
pub struct Terms {
    /// How many connections.
    pub capacity: Capacity,
    /// Where they are counted.
    pub places: Places,
    /// Proxies, whose connections are everybody's.
    pub trusted_proxies: Vec<IpAddr>,
    /// How long a client may read nothing of what it is sent; `None` for ever.
    pub write_timeout: Option<Duration>,
}

/// A bound listener.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens. Port 0 picks a free one.
    pub fn bind(address: SocketAddr) -> std::io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // As `TcpListener::bind` does, so that a daemon that starts again need not wait for old connections.
        socket.set_reuseaddr(true)?;
        // Connections inherit it.
        socket.set_send_buffer_size(SEND_BUFFER)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the soft end; open requests are answered before their connections close.
    pub async fn serve(self, router: Router, terms: Terms, lifecycle: &Lifecycle) {
        let soft = lifecycle.soft();
        let Terms { capacity, places, trusted_proxies, write_timeout } = terms;
        let admission = Admission { capacity, places, trusted_proxies };
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = soft.cancelled() => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    // A connection that does not even fit the reserve is closed: dropping the stream closes it.
                    if let Some(admitted) = admission.admit(peer.ip()) {
                        // Answers are small and written whole: waiting for more to send would only delay them.
                        let _ = stream.set_nodelay(true);
                        let stream = Patient::new(stream, write_timeout);
                        let caller = Arrival { peer, admitted };
                        lifecycle.spawn(connection(stream, caller, router.clone(), soft.clone()));
                    }
                }
                Err(error) => {
                    // Out of file descriptors, most likely: give connections time to close.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

/// Who connected.
struct Arrival {
    peer: SocketAddr,
    admitted: Admitted,
}

async fn connection(stream: Patient<TcpStream>, arrival: Arrival, router: Router, soft: CancellationToken) {
    let Arrival { peer, admitted } = arrival;
    let (excess, sessions) = (admitted.excess, Sessions::default());
    let service = router.map_request(move |mut request: Request<Incoming>| {
        let extensions = request.extensions_mut();
        extensions.insert(Peer(peer));
        extensions.insert(sessions.clone());
        if let Some(excess) = excess {
            extensions.insert::<Excess>(excess);
        }
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(if excess.is_some() { HEAD_TIMEOUT_IN_RESERVE } else { HEAD_TIMEOUT })
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // Clients hang up all the time; nothing of it is worth a line.
        _ = connection.as_mut() => {}
        () = soft.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
    drop(admitted);
}
