//! Crowds beside the bookings: connections that are slow, connections that ask all at once, sockets at rest.

use crate::beside::Stage;
use crate::generator::Visitor;
use crate::socket::Socket;
use crate::support::people::publish;
use futures::future::{BoxFuture, FutureExt as _, join_all};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

/// Connections that are slow, and as many that ask at once.
const CONNECTIONS: usize = 2_000;

const SOCKETS: usize = 5_000;
const ROOMS: usize = 50;

/// Connections opened side by side.
const TOGETHER: usize = 100;

const SECOND: Duration = Duration::from_secs(1);

impl<'a> Stage<'a> {
    /// Each sends a byte of its request a second, and begins anew once the daemon has had enough of it.
    pub async fn slow_connections(&self) -> BoxFuture<'a, ()> {
        let authority = self.daemon.url().authority();
        let open = async || TcpStream::connect(authority).await.expect("the daemon listens");
        let mut streams = Vec::new();
        for _ in 0..CONNECTIONS {
            streams.push(open().await);
        }
        async move {
            join_all(streams.into_iter().map(|mut stream| async move {
                loop {
                    for byte in b"GET /events HTTP/1.1\r\nHost: localhost\r\n" {
                        if stream.write_all(&[*byte]).await.is_err() {
                            break;
                        }
                        tokio::time::sleep(SECOND).await;
                    }
                    stream = TcpStream::connect(authority).await.expect("the daemon listens");
                }
            }))
            .await;
        }
        .boxed()
    }

    /// All of them ask at the same moment, once a second.
    pub async fn requests_at_once(&self) -> BoxFuture<'a, ()> {
        let (url, token) = (self.daemon.url(), &self.member.token);
        let mut visitors = Vec::new();
        for _ in 0..CONNECTIONS / TOGETHER {
            visitors.extend(join_all((0..TOGETHER).map(|_| Visitor::open(url, token))).await);
        }
        let path = format!("/bookings/user/{}", self.member.user.expect("a user"));
        async move {
            loop {
                let asked = visitors.iter_mut().map(|visitor| visitor.get(&path));
                let ((), _) = tokio::join!(tokio::time::sleep(SECOND), join_all(asked));
            }
        }
        .boxed()
    }

    /// They answer pings, and nothing happens in their rooms.
    pub async fn sockets_at_rest(&self) -> BoxFuture<'a, ()> {
        let mut rooms = Vec::new();
        for _ in 0..ROOMS {
            rooms.push(publish(&self.organizer, 10).await.id);
        }
        let mut sockets = Vec::new();
        for first in (0..SOCKETS).step_by(TOGETHER) {
            let some =
                (first..first + TOGETHER).map(|n| Socket::connect(self.daemon.url(), rooms[n % ROOMS]));
            sockets.extend(join_all(some).await);
        }
        async move {
            join_all(sockets.into_iter().map(|mut socket| async move {
                loop {
                    socket.read().await;
                }
            }))
            .await;
        }
        .boxed()
    }
}
