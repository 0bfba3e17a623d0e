//! The listener: HTTP/1.1 connections, each with a deadline for its request's head, ended softly at shutdown.

use super::origin::Peer;
use crate::lifecycle::Lifecycle;
use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// How long a request's head may take to arrive: a client that dribbles it holds nothing but its own socket.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// A bound listener.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens. Port 0 picks a free one.
    pub async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the soft end; open requests are answered before their connections close.
    pub async fn serve(self, router: Router, lifecycle: &Lifecycle) {
        let soft = lifecycle.soft();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = soft.cancelled() => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    lifecycle.spawn(connection(stream, peer, router.clone(), soft.clone()));
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

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, soft: CancellationToken) {
    // Answers are small and written whole: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
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
}
