//! The load generator: connections that book one seat after the other, as lean as HTTP allows, because it shares the
//! machine with what it measures.

use happening_core::id::EventId;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::http::request::Builder;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

/// What to do.
#[derive(Clone)]
pub struct Load {
    pub url: Url,
    pub token: String,
    pub events: Vec<EventId>,
    pub clients: usize,
    /// What each client waits after a booking.
    pub pause: Duration,
}

/// What happened.
#[derive(Default)]
pub struct Run {
    pub elapsed: Duration,
    pub failed: usize,
    latencies: Vec<Duration>,
}

impl Run {
    /// A percentile of the answers' times, in milliseconds.
    pub fn percentile(&self, percent: f64) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index"
        )]
        let index = (sorted.len().saturating_sub(1) as f64 * percent / 100.0) as usize;
        sorted.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1_000.0)
    }
}

/// Books for so long.
pub async fn run(load: Load, duration: Duration) -> Run {
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for number in 0..load.clients {
        clients.spawn(client(load.clone(), number, started + duration));
    }
    let mut total = Run::default();
    while let Some(run) = clients.join_next().await {
        let run = run.expect("a client");
        total.failed += run.failed;
        total.latencies.extend(run.latencies);
    }
    total.elapsed = started.elapsed();
    total
}

async fn client(load: Load, number: usize, until: Instant) -> Run {
    let mut visitor = Visitor::open(&load.url, &load.token).await;
    let mut run = Run::default();
    let mut next = number;
    while Instant::now() < until {
        let event = load.events[next % load.events.len()];
        next += load.clients + 1;
        let body = format!(r#"{{"event_id":"{event}","seats":1,"seat_numbers":[]}}"#);
        let started = Instant::now();
        let (status, body) = visitor.send(Request::post("/bookings"), body).await;
        if status == StatusCode::CREATED && body.windows(11).any(|word| word == b"\"confirmed\"") {
            run.latencies.push(started.elapsed());
        } else {
            run.failed += 1;
        }
        if !load.pause.is_zero() {
            tokio::time::sleep(load.pause).await;
        }
    }
    run
}

/// Somebody's connection, over which one request is sent after the other.
pub struct Visitor {
    sender: http1::SendRequest<Full<Bytes>>,
    authority: String,
    authorization: String,
    connection: JoinHandle<hyper::Result<()>>,
}

impl Visitor {
    /// Connects.
    pub async fn open(url: &Url, token: &str) -> Self {
        let authority = url.authority().to_owned();
        let stream = TcpStream::connect(&authority).await.expect("the daemon listens");
        stream.set_nodelay(true).expect("nodelay");
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let connection = tokio::spawn(connection);
        Self { sender, authority, authorization: format!("Bearer {token}"), connection }
    }

    /// Reads one thing.
    pub async fn get(&mut self, path: &str) -> StatusCode {
        self.send(Request::get(path), String::new()).await.0
    }

    async fn send(&mut self, request: Builder, body: String) -> (StatusCode, Bytes) {
        let request = request
            .header("host", &self.authority)
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        self.sender.ready().await.expect("an open connection");
        let answer = self.sender.send_request(request).await.expect("an answer");
        let status = answer.status();
        (status, answer.into_body().collect().await.expect("a body").to_bytes())
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.connection.abort();
    }
}
