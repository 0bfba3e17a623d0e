//! What one person, one address and all of them together may use at once, and that the others go on meanwhile.
//!
//! Who floods comes from another address of this machine than who is flooded.

use crate::support::parts::Parts;
use crate::support::people::{Signed, demo_organization, event_of, publish, sign_in};
use crate::support::{Daemon, eventually};
use futures::StreamExt as _;
use futures::future::join_all;
use happening_core::wire::CreateEvent;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

on_both_parts!(
    with_few_files_health_and_bookings_go_on,
    one_person_has_so_many_streams,
    one_address_has_so_many_connections,
    who_reads_nothing_is_cut_off_and_who_reads_slowly_is_not,
    two_thousand_slow_clients_hurt_nobody,
);

/// Long enough for whatever must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// An address of this machine.
fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, last).into()
}

/// A connection from an address, with a receive buffer of so many bytes.
async fn connect(daemon: &Daemon, from: IpAddr, buffer: u32) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(buffer).expect("a buffer");
    socket.bind(SocketAddr::new(from, 0)).expect("an address of this machine");
    let port = daemon.url().port().expect("a port");
    socket.connect(SocketAddr::new(address(1), port)).await.ok()
}

/// Requests from an address, each over a connection of its own.
fn client_from(from: IpAddr) -> Client {
    let builder = Client::builder().local_address(from).pool_max_idle_per_host(0).timeout(PATIENCE);
    builder.build().expect("a client")
}

async fn get(client: &Client, daemon: &Daemon, path: &str, token: &str) -> Response {
    let url = daemon.url().join(path).expect("a path");
    client.get(url).bearer_auth(token).send().await.expect("an answer")
}

/// A refusal: its code and limit, and that it says when to try again.
async fn refusal(answer: Response) -> (u16, String, u64) {
    let retry = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    assert!(
        retry.is_some_and(|seconds| seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0)),
        "{answer:?}"
    );
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.expect("JSON");
    let code = body["code"].as_str().expect("a code").to_owned();
    (status, code, body["limit"].as_u64().unwrap_or_else(|| panic!("no limit: {body}")))
}

async fn books(client: &Client, daemon: &Daemon, person: &Signed, event: &Value) -> StatusCode {
    let url = daemon.url().join("/bookings").expect("a path");
    let body = json!({ "event_id": event, "seats": 1, "seat_numbers": [] });
    let sent = client.post(url).bearer_auth(&person.token).json(&body).send().await;
    sent.expect("an answer").status()
}

async fn with_few_files_health_and_bookings_go_on(parts: Parts) {
    let daemon = Daemon::start_with_files(&parts, 256, &[]).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = json!(publish(&organizer, 50).await.id);
    let before = get(&client_from(address(3)), &daemon, "/events", &member.token).await;
    assert_eq!(before.status(), StatusCode::OK);
    // More than there are files.
    let idle = join_all((0..400).map(|_| connect(&daemon, address(2), 65_536))).await;
    assert!(idle.iter().flatten().count() >= 100);
    let here = client_from(address(3));
    for _ in 0..5 {
        assert_eq!(get(&here, &daemon, "/healthz", &member.token).await.status(), StatusCode::OK);
        assert_eq!(books(&here, &daemon, &member, &event).await, StatusCode::CREATED);
    }
    let refused = get(&here, &daemon, "/events", &member.token).await;
    assert_eq!(refused.headers()["connection"], "close");
    let (status, code, limit) = refusal(refused).await;
    assert_eq!((status, code.as_str()), (503, "unavailable"));
    assert!((50..200).contains(&limit), "{limit}");
    drop(idle);
    let well = || async { get(&here, &daemon, "/events", &member.token).await.status() == StatusCode::OK };
    eventually("everything is answered again", PATIENCE, well).await;
}

async fn one_person_has_so_many_streams(parts: Parts) {
    let settings = [("STREAMS_PER_PERSON", "3"), ("MAX_STREAMS", "5")];
    let daemon = Daemon::start_on(&parts, 0, &settings).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let operator = sign_in(&daemon, "operator").await;
    let event = publish(&organizer, 5).await.id;
    let path = format!("/events/{event}/stream");
    let client = client_from(address(1));
    let mut open = Vec::new();
    for path in [path.as_str(), path.as_str(), "/admin/stream"] {
        open.push(get(&client, &daemon, path, &operator.token).await);
    }
    assert!(open.iter().all(|stream| stream.status() == StatusCode::OK));
    for path in [path.as_str(), "/admin/stream"] {
        let refused = refusal(get(&client, &daemon, path, &operator.token).await).await;
        assert_eq!(refused, (429, "rate_limited".to_owned(), 3));
    }
    for _ in 0..2 {
        let stream = get(&client, &daemon, &path, &organizer.token).await;
        assert_eq!(stream.status(), StatusCode::OK, "another person");
        open.push(stream);
    }
    let refused = refusal(get(&client, &daemon, &path, &organizer.token).await).await;
    assert_eq!(refused, (503, "unavailable".to_owned(), 5));
    // Neither a place of the person nor one of the daemon is lost by what was refused.
    drop(open);
    let again =
        || async { get(&client, &daemon, "/admin/stream", &operator.token).await.status() == StatusCode::OK };
    eventually("places are given back", PATIENCE, again).await;
}

async fn one_address_has_so_many_connections(parts: Parts) {
    let daemon = Daemon::start_on(&parts, 0, &[("CONNECTIONS_PER_ADDRESS", "20")]).await;
    let member = sign_in(&daemon, "member").await;
    let (flooded, other) = (client_from(address(2)), client_from(address(3)));
    let idle = join_all((0..20).map(|_| connect(&daemon, address(2), 65_536))).await;
    assert_eq!(idle.iter().flatten().count(), 20);
    let refused = refusal(get(&flooded, &daemon, "/events", &member.token).await).await;
    assert_eq!(refused, (429, "rate_limited".to_owned(), 20));
    assert_eq!(get(&flooded, &daemon, "/healthz", &member.token).await.status(), StatusCode::OK);
    assert_eq!(get(&other, &daemon, "/events", &member.token).await.status(), StatusCode::OK);
    drop(idle);
    let well = || async { get(&flooded, &daemon, "/events", &member.token).await.status() == StatusCode::OK };
    eventually("the address is answered again", PATIENCE, well).await;
}

/// Publishes so much that a list of it does not fit the buffers of a connection.
async fn publish_much(organizer: &Signed) {
    let org_id = demo_organization(organizer).await;
    let publishing = (0..500).map(|number| async move {
        let event = event_of(org_id, format!("Event {number}"), 1);
        let create = CreateEvent { description: Some("x".repeat(2_000)), ..event };
        organizer.client.create_event(&create).await.expect("an event");
    });
    futures::stream::iter(publishing).buffer_unordered(16).collect::<Vec<()>>().await;
}

/// Asks for the list and reads nothing of it.
async fn ask(daemon: &Daemon, token: &str) -> TcpStream {
    let mut stream = connect(daemon, address(2), 4_096).await.expect("a connection");
    let head = format!("GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

/// Open files of a daemon.
fn files(daemon: &Daemon) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", daemon.pid())).expect("Linux").count()
}

async fn who_reads_nothing_is_cut_off_and_who_reads_slowly_is_not(parts: Parts) {
    let daemon = Daemon::start_on(&parts, 0, &[("WRITE_TIMEOUT_SECONDS", "3")]).await;
    let organizer = sign_in(&daemon, "organizer").await;
    publish_much(&organizer).await;
    let before = files(&daemon);
    let slow = tokio::spawn({
        let mut stream = ask(&daemon, &organizer.token).await;
        async move {
            let (mut read, mut some, started) = (0, [0; 16 * 1_024], Instant::now());
            while read < 1_000_000 {
                // Slower than anybody who waits for it, for longer than the deadline.
                tokio::time::sleep(Duration::from_millis(100)).await;
                match stream.read(&mut some).await {
                    Ok(0) | Err(_) => break,
                    Ok(more) => read += more,
                }
            }
            (read, started.elapsed())
        }
    });
    let silent = join_all((0..200).map(|_| ask(&daemon, &organizer.token))).await;
    eventually("all of them are open", PATIENCE, || async { files(&daemon) >= before + 200 }).await;
    // Their reading of nothing is nobody else's trouble.
    let here = client_from(address(3));
    assert_eq!(get(&here, &daemon, "/healthz", &organizer.token).await.status(), StatusCode::OK);
    let cut_off = || async { files(&daemon) < before + 20 };
    eventually("who reads nothing is cut off", PATIENCE * 2, cut_off).await;
    let (read, took) = slow.await.expect("a task that ends");
    assert!(read >= 1_000_000, "{read} bytes after {took:?}");
    assert!(took > Duration::from_secs(3), "longer than the deadline: {took:?}");
    drop(silent);
}

async fn two_thousand_slow_clients_hurt_nobody(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = json!(publish(&organizer, 50).await.id);
    let connecting = futures::stream::iter((0..2_000).map(|_| connect(&daemon, address(2), 4_096)));
    let slow: Vec<TcpStream> = connecting.buffer_unordered(64).filter_map(std::future::ready).collect().await;
    assert_eq!(slow.len(), 2_000);
    // A byte a second each, of a head or of a body that never ends.
    let dribbling = tokio::spawn(join_all(slow.into_iter().enumerate().map(|(number, mut stream)| async move {
        let head = if number % 2 == 0 {
            "GET /events HTTP/1.1\r\nX-Slow: ".to_owned()
        } else {
            "POST /bookings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{".to_owned()
        };
        let _ = stream.write_all(head.as_bytes()).await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })));
    let here = client_from(address(3));
    for _ in 0..20 {
        assert_eq!(books(&here, &daemon, &member, &event).await, StatusCode::CREATED);
        assert_eq!(get(&here, &daemon, "/healthz", &member.token).await.status(), StatusCode::OK);
    }
    // Each of them is over by a deadline.
    tokio::time::timeout(PATIENCE * 3, dribbling).await.expect("all are cut off").expect("a task that ends");
}
