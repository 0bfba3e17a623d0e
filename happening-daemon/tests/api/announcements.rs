//! A change of an event with many holders: the commit is as quick as any, others book on, and each holder is notified once,
//! wherever the daemon is killed.

use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, eventually};
use happening_core::id::EventId;
use happening_core::wire::UpdateEvent;
use std::time::{Duration, Instant};

on_both_parts!(a_change_notifies_each_of_many_holders_once_and_holds_up_nobody);

/// Holders; some forty steps of the announcer.
const HOLDERS: u32 = 20_000;

const PATIENCE: Duration = Duration::from_mins(3);

/// Puts bookings of a seat each into an event, as many daemons before would have.
async fn fill(parts: &Parts, event: EventId) {
    let (id, now, numbers) = if parts.stack().is_some() {
        ("gen_random_uuid()", "now()", format!("SELECT n FROM generate_series(1, {HOLDERS}) AS n"))
    } else {
        let counting =
            format!("WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < {HOLDERS})");
        ("randomblob(16)", "strftime('%Y-%m-%dT%H:%M:%f+00:00')", format!("{counting} SELECT n FROM c"))
    };
    let people = format!(
        "INSERT INTO users (id, keycloak_id, username, email, created_at, updated_at) \
         SELECT {id}, 'holder-' || n, 'holder-' || n, 'holder-' || n || '@example.org', {now}, {now} FROM ({numbers}) AS numbers"
    );
    parts.by_hand(&people, event.0).await;
    let bookings = format!(
        "INSERT INTO bookings (id, event_id, user_id, seats, status, created_at, updated_at) \
         SELECT {id}, {{id}}, id, 1, 'confirmed', {now}, {now} FROM users WHERE username LIKE 'holder-%'"
    );
    parts.by_hand(&bookings, event.0).await;
    let seats = "INSERT INTO booking_seats (booking_id, event_id, seat_no, status) \
         SELECT id, event_id, row_number() OVER (ORDER BY id), 'booked' FROM bookings WHERE event_id = {id}";
    parts.by_hand(seats, event.0).await;
    let figures = format!(
        "UPDATE events SET available_slots = available_slots - {HOLDERS}, version = version + 1 WHERE id = {{id}}"
    );
    parts.by_hand(&figures, event.0).await;
}

/// Notifications of the change, and of how many people.
async fn notified(parts: &Parts, event: EventId) -> (usize, usize) {
    let books = crate::support::books::Books::of(parts).await;
    let mut people: Vec<_> = books
        .notifications
        .iter()
        .filter(|row| row.kind == "event_updated" && row.event_id == Some(event.0))
        .map(|row| row.user_id)
        .collect();
    let all = people.len();
    people.sort();
    people.dedup();
    (all, people.len())
}

async fn announcements(operator: &Signed) -> u64 {
    operator.client.queue_status().await.expect("figures").outbox.announcements
}

/// Books while there are announcements to be expanded; how long each took.
async fn others_book(member: &Signed, operator: &Signed, event: EventId) -> Vec<Duration> {
    let mut took = Vec::new();
    loop {
        for _ in 0..10 {
            let asked = Instant::now();
            book(member, event, 1).await;
            took.push(asked.elapsed());
        }
        if announcements(operator).await == 0 {
            took.sort();
            return took;
        }
    }
}

#[expect(clippy::print_stdout, reason = "figures, for whoever looks at them")]
async fn a_change_notifies_each_of_many_holders_once_and_holds_up_nobody(parts: Parts) {
    let mut daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let operator = sign_in(&daemon, "operator").await;
    let (event, other) = (publish(&organizer, 100_000).await.id, publish(&organizer, 100_000).await.id);
    fill(&parts, event).await;
    let later = |hour: u32| UpdateEvent {
        event_date: Some(format!("2099-12-02T{hour:02}:00")),
        ..UpdateEvent::default()
    };
    // Reads the event's hundred thousand seats once, which is not what is measured.
    organizer.client.update_event(event, &UpdateEvent::default()).await.expect("nothing changed");
    let asked = Instant::now();
    organizer.client.update_event(event, &later(10)).await.expect("changed");
    let changed = asked.elapsed();
    let took = others_book(&member, &operator, other).await;
    let expanded = asked.elapsed();
    let expected = HOLDERS as usize;
    assert_eq!(notified(&parts, event).await, (expected, expected), "each once");
    // For whoever looks at it: how long depends on the machine, what must hold does not.
    let p99 = took[took.len() * 99 / 100];
    println!(
        "PUT {changed:?}; all {HOLDERS} in {expanded:?}; {} bookings meanwhile, p99 {p99:?}",
        took.len()
    );

    // Killed in the middle of it, again and again.
    organizer.client.update_event(event, &later(11)).await.expect("changed");
    for _ in 0..3 {
        let before = notified(&parts, event).await.0;
        let goes_on =
            async || notified(&parts, event).await.0 > before || announcements(&operator).await == 0;
        eventually("it goes on", PATIENCE, goes_on).await;
        daemon.kill().await;
        daemon.restart().await;
    }
    let operator = sign_in(&daemon, "operator").await;
    eventually("it comes to its end", PATIENCE, async || announcements(&operator).await == 0).await;
    assert_eq!(notified(&parts, event).await, (2 * expected, expected), "each once for each change");
}
