//! The streams, read by the typed client and by hand.

use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, publish, sign_in};
use happening_core::client::{ClientError, Heard, LiveStream};
use happening_core::id::EventId;
use happening_core::wire::{
    BookingCounts, ClosingReason, CreateBooking, CreateHold, LiveMessage, Metrics, UpdateEvent, UserStatus,
};
use std::time::Duration;

on_both_parts!(
    an_event_is_told_from_its_state_on,
    a_reader_that_comes_back_misses_nothing,
    only_those_who_may_see_it_watch,
    who_may_not_see_it_any_more_watches_no_longer,
    operators_watch_everything,
    operators_watch_what_the_daemon_measures,
    streams_end_softly_and_say_so,
    a_thousand_messages_come_in_order,
);

/// Long enough for whatever must come.
const PATIENCE: Duration = Duration::from_secs(15);

async fn hear(stream: &mut LiveStream) -> Heard {
    tokio::time::timeout(PATIENCE, stream.next()).await.expect("heard in time").expect("not refused")
}

async fn next(stream: &mut LiveStream) -> LiveMessage {
    match hear(stream).await {
        Heard::Message(message) => message,
        Heard::Interrupted(error) => panic!("interrupted: {error}"),
    }
}

/// The next message of this kind.
async fn next_named(stream: &mut LiveStream, name: &str) -> LiveMessage {
    loop {
        let message = next(stream).await;
        if message.name() == name {
            return message;
        }
    }
}

async fn people(daemon: &Daemon) -> (Signed, Signed) {
    (sign_in(daemon, "organizer").await, sign_in(daemon, "member").await)
}

/// Names of the messages of one commit, the figures last.
async fn names_of_a_commit(stream: &mut LiveStream) -> Vec<&'static str> {
    let mut names = Vec::new();
    while names.last() != Some(&"figures") {
        let name = next(stream).await.name();
        if name != "holds" {
            names.push(name);
        }
    }
    names
}

async fn an_event_is_told_from_its_state_on(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = people(&daemon).await;
    let event = publish(&organizer, 3).await;
    let first = book(&member, event.id, 2).await;
    let mut stream = member.client.watch_event(event.id);
    let LiveMessage::Snapshot { total, taken, held, available, waiting, .. } = next(&mut stream).await else {
        panic!("it begins with a snapshot")
    };
    assert_eq!((total, taken, held, available, waiting), (3, vec![1, 2], vec![], 1, 0));
    book(&organizer, event.id, 1).await;
    let LiveMessage::Seats { booked, freed, .. } = next_named(&mut stream, "seats").await else { panic!() };
    assert_eq!((booked, freed), (vec![3], vec![]));
    assert_eq!(names_of_a_commit(&mut stream).await, ["figures"]);
    book(&organizer, event.id, 2).await;
    let LiveMessage::Figures(figures) = next_named(&mut stream, "figures").await else { panic!() };
    assert_eq!((figures.available, figures.waiting, figures.total), (0, 1, Some(3)));
    member.client.cancel_booking(first.id).await.expect("cancelled");
    assert_eq!(names_of_a_commit(&mut stream).await, ["seats", "seats", "promotion", "figures"]);
    let update = UpdateEvent { name: Some("Renamed".to_owned()), ..UpdateEvent::default() };
    organizer.client.update_event(event.id, &update).await.expect("renamed");
    assert_eq!(names_of_a_commit(&mut stream).await, ["changed", "figures"]);
    organizer.client.delete_event(event.id).await.expect("deleted");
    assert_eq!(names_of_a_commit(&mut stream).await, ["deleted", "figures"]);
}

async fn a_reader_that_comes_back_misses_nothing(parts: Parts) {
    let mut daemon = Daemon::start(&parts).await;
    let (organizer, member) = people(&daemon).await;
    let event = publish(&organizer, 50).await;
    let mut stream = member.client.watch_event(event.id);
    next_named(&mut stream, "snapshot").await;
    book(&member, event.id, 1).await;
    next_named(&mut stream, "figures").await;
    let left_at = stream.last_id().expect("an id").to_owned();
    for _ in 0..3 {
        book(&member, event.id, 1).await;
    }
    let back = by_hand(&daemon, &member, event.id, Some(&left_at), "event: holds").await;
    assert!(!back.contains("snapshot"), "{back}");
    for seat in ["[2]", "[3]", "[4]"] {
        assert_eq!(back.matches(&format!("\"booked\":{seat}")).count(), 1, "{back}");
    }
    let unknown = by_hand(&daemon, &member, event.id, Some("0.3"), "\n\n").await;
    assert!(unknown.contains("retry: 1000"), "{unknown}");
    let old = by_hand(&daemon, &member, event.id, Some("gibberish"), "event: snapshot").await;
    assert!(old.contains("\"taken\":[1,2,3,4]") && old.contains("id: "), "{old}");
    // A daemon that was killed and came back goes on too.
    daemon.kill().await;
    daemon.restart().await;
    book(&member, event.id, 1).await;
    let (mut seats, mut interruptions) = (Vec::new(), 0);
    while seats.last() != Some(&5) {
        match hear(&mut stream).await {
            Heard::Message(LiveMessage::Snapshot { taken, .. }) => seats = taken,
            Heard::Message(LiveMessage::Seats { booked, .. }) => seats.extend(booked),
            Heard::Message(_) => {}
            Heard::Interrupted(_) => interruptions += 1,
        }
    }
    seats.retain(|seat| *seat > 1);
    assert_eq!(seats, [2, 3, 4, 5]);
    assert!(interruptions > 0, "and the reader knew that it had been away");
}

/// A stream as it is on the wire, up to these words.
async fn by_hand(
    daemon: &Daemon,
    person: &Signed,
    event: EventId,
    after: Option<&str>,
    until: &str,
) -> String {
    let url = daemon.url().join(&format!("/events/{event}/stream")).expect("a path");
    let mut request = happening_core::net::stream_client(PATIENCE).get(url).bearer_auth(&person.token);
    if let Some(after) = after {
        request = request.header("Last-Event-ID", after);
    }
    let mut answer = request.send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    while !text.contains(until) || !text.ends_with("\n\n") {
        let chunk = answer.chunk().await.expect("goes on").expect("does not end");
        text.push_str(std::str::from_utf8(&chunk).expect("text"));
    }
    text
}

async fn only_those_who_may_see_it_watch(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = people(&daemon).await;
    let event = publish(&organizer, 5).await;
    let guest = sign_in(&daemon, "guest").await;
    let nobody = daemon.client(None);
    let absent = "00000000-0000-4000-8000-00000000dead".parse().expect("an id");
    let refused = [
        (guest.client.watch_event(event.id), 404),
        (member.client.watch_event(absent), 404),
        (nobody.watch_event(event.id), 401),
        (nobody.watch_everything(), 401),
        (organizer.client.watch_everything(), 403),
    ];
    for (mut stream, status) in refused {
        let error =
            tokio::time::timeout(PATIENCE, stream.next()).await.expect("in time").expect_err("refused");
        let ClientError::Refused { problem, .. } = error else { panic!("{error}") };
        assert_eq!(problem.status, status, "{problem:?}");
    }
}

/// The reason of the end, which comes though nothing else does.
async fn ends(stream: &mut LiveStream) -> ClosingReason {
    let LiveMessage::Closing { reason } = next_named(stream, "closing").await else { panic!() };
    reason
}

async fn who_may_not_see_it_any_more_watches_no_longer(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = people(&daemon).await;
    let event = publish(&organizer, 5).await;
    let [operator, support, admin] = [
        sign_in(&daemon, "operator").await,
        sign_in(&daemon, "support").await,
        sign_in(&daemon, "admin").await,
    ];
    // Where there may be another daemon, that one finds out by itself.
    let other = if parts.stack().is_some() { Some(Daemon::start(&parts).await) } else { None };
    let watched_at = other.as_ref().unwrap_or(&daemon);
    let watches = |person: &Signed| watched_at.client(person.token.clone()).watch_event(event.id);
    let [mut suspended, mut removed, mut untouched] = [&organizer, &member, &admin].map(watches);
    let mut everything = watched_at.client(support.token.clone()).watch_everything();
    for stream in [&mut suspended, &mut removed, &mut untouched] {
        next_named(stream, "snapshot").await;
    }
    next_named(&mut everything, "overview").await;

    for person in [&organizer, &support] {
        let user = person.user.expect("a user");
        operator.client.set_user_status(user, UserStatus::Suspended).await.expect("suspended");
    }
    admin
        .client
        .remove_member(demo_organization(&admin).await, member.user.expect("a user"))
        .await
        .expect("removed");
    for stream in [&mut suspended, &mut removed, &mut everything] {
        assert_eq!(ends(stream).await, ClosingReason::AccessEnded);
    }
    for (stream, status) in [(&mut suspended, 403), (&mut removed, 404), (&mut everything, 403)] {
        assert!(matches!(hear(stream).await, Heard::Interrupted(_)));
        let refused = tokio::time::timeout(PATIENCE, stream.next()).await.expect("in time");
        let Err(ClientError::Refused { problem, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(problem.status, status, "and does not come back");
    }
    book(&admin, event.id, 1).await;
    next_named(&mut untouched, "figures").await;
}

async fn operators_watch_everything(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = people(&daemon).await;
    let event = publish(&organizer, 5).await;
    let mut stream = sign_in(&daemon, "support").await.client.watch_everything();
    let LiveMessage::Overview { events, parts } = next(&mut stream).await else {
        panic!("an overview first")
    };
    assert!(events.iter().any(|figures| figures.event_id == event.id && figures.available == 5));
    assert_eq!(parts.keys().map(String::as_str).collect::<Vec<_>>(), ["counters", "queue", "store"]);
    book(&member, event.id, 2).await;
    loop {
        if let LiveMessage::Seats { event_id, booked, .. } = next(&mut stream).await
            && event_id == event.id
        {
            break assert_eq!(booked, [1, 2]);
        }
    }
}

async fn operators_watch_what_the_daemon_measures(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = people(&daemon).await;
    let event = publish(&organizer, 3).await;
    let mut stream = sign_in(&daemon, "support").await.client.watch_everything();
    let LiveMessage::Metrics(first) = next_named(&mut stream, "metrics").await else { panic!() };
    assert_eq!(first.bookings, BookingCounts::default(), "what was before is not told");
    let held = CreateHold { seats: Some(vec![3]), ..CreateHold::default() };
    member.client.create_hold(event.id, &held).await.expect("a hold");
    let booking = book(&member, event.id, 2).await;
    book(&organizer, event.id, 2).await;
    let named = CreateBooking { seat_numbers: Some(vec![1]), ..CreateBooking::any(event.id, 1) };
    organizer.client.create_booking(&named).await.expect_err("taken");
    member.client.cancel_booking(booking.id).await.expect("cancelled");
    let mut sum = Metrics::default();
    while sum.bookings.cancelled == 0 || sum.worker.sent < 3 || sum.outbox.is_none() {
        let LiveMessage::Metrics(told) = next_named(&mut stream, "metrics").await else { panic!() };
        let (counts, more) = (&mut sum.bookings, told.bookings);
        counts.confirmed += more.confirmed;
        counts.waiting += more.waiting;
        counts.promoted += more.promoted;
        counts.cancelled += more.cancelled;
        counts.refused += more.refused;
        counts.failed += more.failed;
        sum.commit.count += told.commit.count;
        sum.answer.count += told.answer.count;
        sum.worker.sent += told.worker.sent;
        sum.outbox = told.outbox.or(sum.outbox);
        sum.holds.seats = sum.holds.seats.max(told.holds.seats);
        sum.hottest.extend(told.hottest.iter().copied());
        assert!(told.commit.p50_us <= told.commit.p99_us && told.commit.p99_us <= told.commit.max_us);
        assert!(told.interval_ms >= 500, "{told:?}");
        assert_eq!(told.connections.streams, 1);
        assert!(told.connections.open >= 1, "{told:?}");
        let measured: Vec<&str> = told.parts.keys().map(String::as_str).collect();
        assert_eq!(measured, ["counters", "queue", "store"]);
        assert!(told.parts["store"].latency_us.is_some_and(|latency| latency > 0), "{told:?}");
        assert!(told.queue.is_none_or(|queue| queue.consumers > 0), "{told:?}");
    }
    let expected =
        BookingCounts { confirmed: 1, waiting: 1, promoted: 1, cancelled: 1, refused: 1, failed: 0 };
    assert_eq!(sum.bookings, expected);
    assert_eq!((sum.commit.count, sum.answer.count), (4, 4));
    // Daemons that share their holds hear of each other's.
    assert!(sum.holds.seats == 1 || (sum.holds.seats > 1 && parts.stack().is_some()), "{:?}", sum.holds);
    let of_event = sum.hottest.iter().filter(|hot| hot.event_id == event.id);
    assert_eq!(of_event.map(|hot| hot.commands).sum::<u64>(), 4);
}

async fn streams_end_softly_and_say_so(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = people(&daemon).await;
    let event = publish(&organizer, 5).await;
    let mut stream = member.client.watch_event(event.id);
    next_named(&mut stream, "snapshot").await;
    let ending = tokio::spawn(daemon.terminate());
    let LiveMessage::Closing { reason } = next_named(&mut stream, "closing").await else { panic!() };
    assert_eq!(reason, ClosingReason::Shutdown);
    let (status, took) = ending.await.expect("ended");
    assert!(status.success() && took < Duration::from_secs(5), "{status} after {took:?}");
    assert!(matches!(hear(&mut stream).await, Heard::Interrupted(_)));
}

async fn a_thousand_messages_come_in_order(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = people(&daemon).await;
    let event = publish(&organizer, 400).await;
    let mut stream = member.client.watch_event(event.id);
    next_named(&mut stream, "snapshot").await;
    futures::future::join_all((0..400).map(|_| book(&member, event.id, 1))).await;
    let (mut seats, mut version) = (Vec::new(), 0);
    while seats.len() < 400 {
        if let LiveMessage::Seats { booked, version: of, .. } = next(&mut stream).await {
            assert!(of >= version, "in order");
            version = of;
            seats.extend(booked);
        }
    }
    assert!(seats.is_sorted(), "the lowest free seat each time");
    assert_eq!(seats.last(), Some(&400), "each once");
}
