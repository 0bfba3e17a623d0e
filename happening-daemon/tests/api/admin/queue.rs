//! The way of notifications: what fails is tried again, then parked; what nobody can deliver is parked at once.

use crate::support::broker::{garbage, publish_all_by_hand, publish_by_hand};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, eventually};
use happening_core::wire::{NotificationStatus, ParkedKind, ParkedMessage, ParkedQuery, QueuedNotification};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

on_both_parts!(a_webhook_that_fails_is_tried_again_then_parked_and_requeued_by_hand);

const PATIENCE: Duration = Duration::from_secs(30);

/// A webhook that takes notifications, or does not.
struct Hook {
    url: String,
    works: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<QueuedNotification>>>,
}

impl Hook {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (works, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (answers, heard) = (works.clone(), asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answers, heard) = (answers.clone(), heard.clone());
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    let body = loop {
                        let mut buffer = [0; 4096];
                        match stream.read(&mut buffer).await {
                            Ok(0) | Err(_) => return,
                            Ok(read) => request.extend_from_slice(&buffer[..read]),
                        }
                        let text = String::from_utf8_lossy(&request);
                        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
                        if let Some(body) = body.filter(|body| body.ends_with('}')) {
                            break body;
                        }
                    };
                    heard.lock().await.push(serde_json::from_str(&body).expect("a notification"));
                    let status =
                        if answers.load(Ordering::Relaxed) { "204 No Content" } else { "503 Not Now" };
                    let answer =
                        format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { url, works, asked }
    }
}

async fn statuses(person: &Signed) -> Vec<NotificationStatus> {
    let told = person.client.notifications_of(person.user.expect("a user")).await.expect("notifications");
    told.into_iter().map(|told| told.status).collect()
}

async fn parked(person: &Signed) -> Vec<ParkedMessage> {
    person.client.parked(&ParkedQuery::default()).await.expect("parked ones")
}

async fn a_webhook_that_fails_is_tried_again_then_parked_and_requeued_by_hand(parts: Parts) {
    let hook = Hook::open().await;
    let settings = [
        ("WEBHOOK_URL", hook.url.as_str()),
        ("WEBHOOK_ALLOW_PRIVATE", "true"),
        ("NOTIFICATION_TRIES", "3"),
        ("NOTIFICATION_BACKOFF_SECONDS", "1"),
    ];
    let daemon = Daemon::start_on(&parts, 0, &settings).await;
    let (organizer, operator) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "operator").await);
    let member = sign_in(&daemon, "member").await;
    let event = publish(&organizer, 5).await.id;
    book(&member, event, 2).await;
    let retrying = async || {
        let status = operator.client.queue_status().await.expect("figures");
        status.outbox.retrying == 1 && status.worker.failed >= 1
    };
    eventually("it waits for another try", PATIENCE, retrying).await;
    assert_eq!(statuses(&member).await, [NotificationStatus::Pending]);
    let failed = async || statuses(&member).await == [NotificationStatus::Failed];
    eventually("it is given up", PATIENCE, failed).await;
    assert_eq!(hook.asked.lock().await.len(), 3, "as often as the setting says");
    let status = operator.client.queue_status().await.expect("figures");
    assert_eq!((status.outbox.pending, status.outbox.parked, status.worker.parked), (0, 1, 1));
    let daemon = operator.client.admin_status().await.expect("a status");
    assert_eq!((daemon.outbox.parked, daemon.worker.running, daemon.worker.parked), (1, true, 1));
    assert!(daemon.engine.batches >= 1 && daemon.engine.bookings == 1 && daemon.engine.queued == 0);
    assert!(daemon.engine.bookings_per_second > 0.0 && daemon.reconciler.last_pass.is_some());
    let one = parked(&operator).await.remove(0);
    assert_eq!((one.kind, one.times, one.user_id), (ParkedKind::Notification, 3, member.user));
    assert!(one.reason.contains("webhook") && one.reason.contains("503"), "{}", one.reason);

    hook.works.store(true, Ordering::Relaxed);
    operator.client.requeue_parked(one.id).await.expect("requeued");
    let sent = async || statuses(&member).await == [NotificationStatus::Sent];
    eventually("it is delivered", PATIENCE, sent).await;
    let last = hook.asked.lock().await.last().cloned().expect("asked");
    assert_eq!((Some(last.id), Some(last.user_id)), (one.notification_id, member.user));
    assert_eq!(parked(&operator).await, []);
    assert!(operator.client.requeue_parked(one.id).await.is_err(), "it is not parked any more");

    // What is discarded stays undelivered.
    hook.works.store(false, Ordering::Relaxed);
    book(&member, event, 1).await;
    eventually("the next one is given up", PATIENCE, async || parked(&operator).await.len() == 1).await;
    operator.client.discard_parked(parked(&operator).await[0].id).await.expect("discarded");
    assert_eq!(parked(&operator).await, []);
    assert_eq!(statuses(&member).await, [NotificationStatus::Failed, NotificationStatus::Sent]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_in_the_broker_is_parked_seen_requeued_and_discarded() {
    let parts = Parts::real().await;
    let daemon = Daemon::start(&parts).await;
    let (organizer, operator) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "operator").await);
    let event = publish(&organizer, 5).await.id;
    let unknown = serde_json::json!({
        "id": uuid::Uuid::max(), "type": "booking_confirmed", "eventId": event, "userId": organizer.user,
        "message": "made up",
    });
    let mut newer = unknown.clone();
    newer["version"] = 7.into();
    for payload in [&b"\xFFnot json"[..], unknown.to_string().as_bytes(), newer.to_string().as_bytes()] {
        publish_by_hand(&parts, payload).await;
    }
    book(&organizer, event, 1).await;
    let sent = async || statuses(&organizer).await == [NotificationStatus::Sent];
    eventually("nobody is held up", PATIENCE, sent).await;
    eventually("the poison is parked", PATIENCE, async || parked(&operator).await.len() == 3).await;
    let all = parked(&operator).await;
    assert!(all.iter().all(|parked| parked.kind == ParkedKind::Message && parked.times == 1));
    let of = |word: &str| all.iter().find(|parked| parked.reason.contains(word)).expect(word).clone();
    assert_eq!(of("no notification").payload.as_deref().map(|text| text.contains("made up")), Some(true));
    assert_eq!(of("version 7").payload, Some(newer.to_string()));
    let junk = all.iter().find(|parked| parked.payload.is_none()).expect("bytes that are no text");
    assert_eq!(junk.payload_base64.as_deref(), Some("/25vdCBqc29u"));
    let status = operator.client.queue_status().await.expect("figures");
    let queue = status.queue.expect("the queue");
    assert_eq!((queue.kind.as_str(), queue.ready, queue.consumers), ("rabbitmq", 0, 1), "acknowledged");
    assert_eq!((status.outbox.pending, status.outbox.parked), (0, 3));

    // Requeued it is as bad as before, and parked again.
    operator.client.requeue_parked(junk.id).await.expect("requeued");
    let parked_again = async || {
        parked(&operator)
            .await
            .iter()
            .filter(|parked| parked.payload.is_none())
            .any(|parked| parked.parked_at > junk.parked_at)
    };
    eventually("it is parked again", PATIENCE, parked_again).await;
    for one in parked(&operator).await {
        operator.client.discard_parked(one.id).await.expect("discarded");
    }
    assert_eq!(parked(&operator).await, []);
    assert_eq!(statuses(&organizer).await, [NotificationStatus::Sent]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_lies_in_the_queue_others_go_on_and_it_can_be_looked_at_requeued_and_discarded() {
    let parts = Parts::real().await;
    let daemon = Daemon::start(&parts).await;
    let (organizer, operator) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "operator").await);
    let event = publish(&organizer, 100).await.id;
    for (booked, (what, payload)) in (1_usize..).zip(garbage()) {
        publish_by_hand(&parts, &payload).await;
        book(&organizer, event, 1).await;
        let sent = async || {
            let statuses = statuses(&organizer).await;
            statuses.len() == booked && statuses.iter().all(|status| *status == NotificationStatus::Sent)
        };
        eventually(&format!("others go on beside {what}"), PATIENCE, sent).await;
        eventually(&format!("{what} is parked"), PATIENCE, async || parked(&operator).await.len() == booked)
            .await;
    }
    let all = parked(&operator).await;
    for one in &all {
        assert!(!one.reason.contains(char::is_control), "{:?}", one.reason);
        assert_eq!(happening_core::text::visible(&one.reason), one.reason, "harmless on a terminal");
    }
    let is_whole = |one: &&ParkedMessage| one.payload_bytes.is_some_and(|bytes| bytes <= 64 * 1024);
    for one in all.iter().filter(is_whole) {
        operator.client.requeue_parked(one.id).await.expect("requeued");
    }
    let came_back = |one: &ParkedMessage, again: &[ParkedMessage]| {
        let is_later = |other: &&ParkedMessage| other.parked_at > one.parked_at;
        again.iter().filter(is_later).any(|other| other.payload_base64 == one.payload_base64)
    };
    eventually("what was requeued is parked again", PATIENCE, async || {
        let again = parked(&operator).await;
        all.iter().filter(is_whole).all(|one| came_back(one, &again))
    })
    .await;
    for one in parked(&operator).await {
        operator.client.discard_parked(one.id).await.expect("discarded");
    }
    let status = operator.client.queue_status().await.expect("figures");
    assert_eq!((status.outbox.pending, status.outbox.parked), (0, 0));
    let queue = status.queue.expect("the queue");
    assert_eq!((queue.ready, queue.consumers), (0, 1), "nothing is left in it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_garbage_delays_no_notification_and_does_not_fill_the_database() {
    let parts = Parts::real().await;
    let daemon = Daemon::start(&parts).await;
    let (organizer, operator) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "operator").await);
    let event = publish(&organizer, 1_000).await.id;
    let flood: Vec<String> =
        (0..10_000).map(|number| format!("garbage {number} {}", "x".repeat(500))).collect();
    let settled = async || {
        let outbox = operator.client.queue_status().await.expect("figures").outbox;
        outbox.parked + outbox.parked_evicted == 10_000
    };
    let (mut booked, mut waited) = (0, Vec::new());
    let flooding = async {
        for some in flood.chunks(500) {
            publish_all_by_hand(&parts, some).await;
        }
    };
    let booking = async {
        while !settled().await {
            let asked = Instant::now();
            book(&organizer, event, 1).await;
            booked += 1;
            let sent = async || {
                let statuses = statuses(&organizer).await;
                statuses.len() == booked && statuses.iter().all(|status| *status == NotificationStatus::Sent)
            };
            eventually("it is sent", PATIENCE, sent).await;
            waited.push(asked.elapsed());
        }
    };
    tokio::join!(flooding, booking);
    let outbox = operator.client.queue_status().await.expect("figures").outbox;
    assert_eq!((outbox.parked, outbox.parked_evicted, outbox.pending), (1_000, 9_000, 0));
    waited.sort();
    let of = |percent: usize| waited.get(waited.len() * percent / 100);
    // For whoever looks at it: how long depends on the machine, what must hold does not.
    println!(
        "{booked} booked and sent beside it: p50 {:?}, p95 {:?}, most {:?}",
        of(50),
        of(95),
        waited.last()
    );
}
