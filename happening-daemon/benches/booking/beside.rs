//! What a thousand bookings a second notice of somebody who does what can be done to stop them, beside the same bookings
//! alone in the same minute.

use crate::generator::{self, Load, Run};
use crate::median;
use crate::support::broker::{garbage, publish_all_by_hand};
use crate::support::connection::Connection;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, event_of, publish, sign_in};
use crate::support::{Daemon, eventually};
use futures::future::{BoxFuture, FutureExt as _, join_all};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{CreateBooking, CreateEvent, UpdateEvent, WaitlistPolicy};
use serde_json::json;
use sqlx::PgPool;
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(4);

/// Clients, and what each waits between its bookings: a thousand bookings a second.
const CLIENTS: usize = 32;
const PAUSE: Duration = Duration::from_millis(30);

const EVENTS: usize = 50;

/// Of one booking, from before there was a limit.
const LARGE: u32 = 300_000;

/// Pauses between two bookings whose notification is waited for.
const PROBE: Duration = Duration::from_millis(100);

/// What is done beside the bookings until it is dropped, and the events that the others book at.
type Trouble<'a> = (BoxFuture<'a, ()>, Vec<EventId>);

pub struct Stage<'a> {
    parts: &'a Parts,
    pub daemon: &'a Daemon,
    truth: PgPool,
    pub organizer: Signed,
    pub member: Signed,
    large: Vec<BookingId>,
}

/// A round: the answers' times, and how long notifications took from the answer on.
struct Beside {
    run: Run,
    notified: Vec<Duration>,
}

impl Beside {
    fn last_notified(&self) -> f64 {
        self.notified.iter().max().map_or(0.0, |most| most.as_secs_f64() * 1_000.0)
    }
}

/// Prints a row for each trouble.
pub async fn measure() {
    let parts = Parts::real().await;
    let (daemon, large) = prepare(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let truth = parts.postgres().await;
    let stage = &mut Stage { parts: &parts, daemon: &daemon, truth, organizer, member, large };
    println!(
        "{:<52} {:>16} {:>16} {:>20}",
        "1,000 bookings a second beside", "p50 alone, then", "p99 alone, then", "notified alone, then"
    );
    stage.row("garbage in the queue", async |stage| (stage.garbage().boxed(), stage.events().await)).await;
    stage
        .row("two who ask for 1,000,000 seats", async |stage| {
            (stage.a_million_seats().await.boxed(), stage.events().await)
        })
        .await;
    stage
        .row("a party at the head that the event cannot hold", async |stage| {
            (std::future::pending().boxed(), stage.events_with_a_party_too_large().await)
        })
        .await;
    stage
        .row("a booking of 300,000 seats that is cancelled", async |stage| {
            let large = stage.large.pop().expect("one a round");
            (stage.cancels(large).boxed(), stage.events().await)
        })
        .await;
    stage
        .row("2,000 connections that send a byte a second", async |stage| {
            (stage.slow_connections().await, stage.events().await)
        })
        .await;
    stage
        .row("2,000 requests at once, each second", async |stage| {
            (stage.requests_at_once().await, stage.events().await)
        })
        .await;
    stage
        .row("5,000 sockets at rest", async |stage| (stage.sockets_at_rest().await, stage.events().await))
        .await;
    stage.publish_many().await;
    stage
        .row("64 who reload a list of 3,000 events", async |stage| {
            (stage.readers().boxed(), stage.events().await)
        })
        .await;
}

/// A daemon with bookings larger than it takes now.
async fn prepare(parts: &Parts) -> (Daemon, Vec<BookingId>) {
    let large = LARGE.to_string();
    let mut daemon = Daemon::start_on(parts, 0, &[("MAX_SEATS_PER_BOOKING", &large)]).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let mut large = Vec::new();
    for _ in 0..ROUNDS {
        let event = publish(&organizer, LARGE).await.id;
        large.push(large_booking(&member, event).await);
    }
    daemon.kill().await;
    // The crowds come from one address.
    let settings = [
        ("MAX_SEATS_PER_BOOKING", "1000"),
        ("CONNECTIONS_PER_ADDRESS", "0"),
        ("SOCKETS_PER_ADDRESS", "0"),
        ("SOCKET_HANDSHAKES_PER_SECOND", "0"),
    ];
    daemon.restart_with(&settings).await;
    (daemon, large)
}

/// So many seats take longer than an answer may: the booking is there a little later.
async fn large_booking(member: &Signed, event: EventId) -> BookingId {
    let create = CreateBooking { user_id: member.user, ..CreateBooking::any(event, LARGE) };
    let _ = member.client.create_booking(&create).await;
    let find = async || {
        let mine = member.client.bookings_of(member.user.expect("a user")).await.expect("a list");
        mine.iter().find(|booking| booking.event_id == event).map(|booking| booking.booking_id)
    };
    eventually("it is booked", Duration::from_mins(1), async || find().await.is_some()).await;
    find().await.expect("just seen")
}

impl<'a> Stage<'a> {
    async fn row(&mut self, name: &str, trouble: impl AsyncFn(&mut Self) -> Trouble<'a>) {
        let (mut alone, mut beside) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let events = self.events().await;
            alone.push(self.book_for_a_while(events).await);
            let (trouble, events) = trouble(self).await;
            tokio::select! {
                () = trouble.then(|()| std::future::pending()) => {}
                round = self.book_for_a_while(events) => beside.push(round),
            }
        }
        let of =
            |rounds: &[Beside], figure: &dyn Fn(&Beside) -> f64| median(rounds.iter().map(figure).collect());
        let pair = |figure: &dyn Fn(&Beside) -> f64| {
            format!("{:.0} {:.0} ms", of(&alone, figure), of(&beside, figure))
        };
        println!(
            "{name:<52} {:>16} {:>16} {:>20}",
            pair(&|round| round.run.percentile(50.0)),
            pair(&|round| round.run.percentile(99.0)),
            pair(&Beside::last_notified),
        );
    }

    async fn book_for_a_while(&self, events: Vec<EventId>) -> Beside {
        let probed = events[0];
        let load = Load {
            url: self.daemon.url().clone(),
            token: self.organizer.token.clone(),
            events,
            clients: CLIENTS,
            pause: PAUSE,
        };
        let mut notified = Vec::new();
        let probing = async {
            loop {
                let booking = book(&self.organizer, probed, 1).await.id;
                let answered = Instant::now();
                let sent = async || self.is_notified(booking).await;
                eventually("the notification is sent", Duration::from_secs(30), sent).await;
                notified.push(answered.elapsed());
                tokio::time::sleep(PROBE).await;
            }
        };
        let run = tokio::select! {
            run = generator::run(load, ROUND) => run,
            () = probing => unreachable!("it goes on"),
        };
        assert_eq!(run.failed, 0, "every request is answered 201");
        Beside { run, notified }
    }

    async fn is_notified(&self, booking: BookingId) -> bool {
        let sent = "SELECT count(*) > 0 FROM notifications WHERE booking_id = $1 AND status = 'sent'";
        sqlx::query_scalar(sent).bind(booking.0).fetch_one(&self.truth).await.expect("a look")
    }

    async fn events(&self) -> Vec<EventId> {
        let mut events = Vec::new();
        for _ in 0..EVENTS {
            events.push(publish(&self.organizer, 20_000).await.id);
        }
        events
    }

    /// A party of all seats waits since one was taken; then the event has fewer seats than it wants.
    async fn events_with_a_party_too_large(&self) -> Vec<EventId> {
        const SEATS: u32 = 1_000;
        let mut events = Vec::new();
        for _ in 0..EVENTS {
            let create = event_of(demo_organization(&self.organizer).await, "Shrunk".to_owned(), SEATS);
            let create = CreateEvent { waitlist_policy: Some(WaitlistPolicy::Whole), ..create };
            let event = self.organizer.client.create_event(&create).await.expect("an event").id;
            book(&self.organizer, event, 1).await;
            book(&self.member, event, SEATS).await;
            let shrink = UpdateEvent { total_slots: Some(SEATS - 1), ..UpdateEvent::default() };
            self.organizer.client.update_event(event, &shrink).await.expect("fewer seats");
            events.push(event);
        }
        events
    }

    async fn publish_many(&self) {
        const EVENTS: usize = 3_000;
        let organization = demo_organization(&self.organizer).await;
        let there = self.organizer.client.events(Some(organization), None).await.expect("a list").len();
        for number in there..EVENTS {
            let create = event_of(organization, format!("Night {number}"), 100);
            self.organizer.client.create_event(&create).await.expect("an event");
        }
    }

    fn garbage(&self) -> impl Future<Output = ()> + use<'a> {
        let parts = self.parts;
        async move {
            let all: Vec<Vec<u8>> = garbage().into_iter().map(|(_, payload)| payload).collect();
            loop {
                publish_all_by_hand(parts, &all).await;
            }
        }
    }

    async fn a_million_seats(&self) -> impl Future<Output = ()> + use<'a> {
        const SEATS: u32 = 1_000_000;
        let event = publish(&self.organizer, SEATS).await.id;
        let (url, token) = (self.daemon.url(), self.member.token.clone());
        async move {
            let asks = (0..2).map(|_| async {
                let mut connection = Connection::open(url, &token).await;
                loop {
                    let create = json!({ "event_id": event, "seats": SEATS });
                    let (status, body) = connection.post("/bookings", Some(create)).await;
                    assert_eq!(status, 400, "{body}");
                }
            });
            join_all(asks).await;
        }
    }

    fn cancels(&self, large: BookingId) -> impl Future<Output = ()> + use<'a> {
        let client = self.daemon.client(self.member.token.clone());
        async move {
            client.cancel_booking(large).await.expect("cancelled");
        }
    }

    fn readers(&self) -> impl Future<Output = ()> + use<'a> {
        let clients: Vec<_> = (0..64).map(|_| self.daemon.client(self.member.token.clone())).collect();
        async move {
            join_all(clients.iter().map(|client| async move {
                loop {
                    // A reader too many is turned away for a moment.
                    let _ = client.events(None, None).await;
                }
            }))
            .await;
        }
    }
}
