//! Page loads of the web client by many people of one organization while others book there, beside as many requests that
//! do nothing (`GET /healthz`) in the same minute.

use crate::generator::{self, Load, Run, Visitor};
use crate::median;
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{Signed, bookers, demo_organization, publish, sign_in};
use futures::future::join_all;
use happening_core::id::EventId;
use hyper::StatusCode;
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(6);

/// Connections of people who load the page again and again.
const VISITORS: usize = 256;

/// Events of their organization.
const EVENTS: usize = 300;

/// Clients who book, and what each waits between its bookings: a hundred bookings a second.
const CLIENTS: usize = 8;
const PAUSE: Duration = Duration::from_millis(80);

/// What happened in a round, or in one visitor's share of it.
#[derive(Default)]
struct Visits {
    pages: f64,
    failed: usize,
}

/// Prints the row.
pub async fn measure() {
    let parts = Parts::real().await;
    let daemon = Daemon::start(&parts).await;
    let people = [sign_in(&daemon, "member").await, sign_in(&daemon, "admin").await];
    let organizer = sign_in(&daemon, "organizer").await;
    let mut events = Vec::new();
    for _ in 0..EVENTS {
        events.push(publish(&organizer, 1_000).await.id);
    }
    // A crowd at a cold daemon waits for connections that are still being opened.
    bookers(std::slice::from_ref(&daemon)).await;
    let (mut idle, mut pages, mut runs) = (Vec::new(), Vec::new(), Vec::new());
    let mut failed = 0;
    for _ in 0..ROUNDS {
        let nothing = |_: &Signed, _: EventId| vec!["/healthz".to_owned(); 10];
        let visits = visit(&daemon, &people, &events, nothing).await;
        idle.push(visits.pages);
        let organization = demo_organization(&people[0]).await;
        let page = |person: &Signed, event| {
            let (user, subject) = (person.user.expect("a user"), &person.subject);
            vec![
                format!("/users?keycloak_id={subject}"),
                format!("/users/{user}"),
                format!("/organizations/user/{user}"),
                format!("/organizations/{organization}"),
                format!("/organizations/{organization}/members"),
                "/events".to_owned(),
                format!("/org-invites/pending/{user}"),
                format!("/bookings/user/{user}"),
                format!("/notifications/user/{user}"),
                format!("/events/{event}/seats"),
            ]
        };
        let load = Load {
            url: daemon.url().clone(),
            token: organizer.token.clone(),
            events: events.clone(),
            clients: CLIENTS,
            pause: PAUSE,
        };
        let (visits, run) = tokio::join!(visit(&daemon, &people, &events, page), generator::run(load, ROUND));
        assert_eq!(run.failed, 0, "every booking is answered 201");
        pages.push(visits.pages);
        failed += visits.failed;
        runs.push(run);
    }
    let of = |percent| median(runs.iter().map(|run: &Run| run.percentile(percent)).collect());
    let ratio = median(pages.iter().zip(&idle).map(|(pages, idle)| pages / idle).collect());
    println!(
        "page loads of {VISITORS} people, {EVENTS} events: {:.0}/s beside {:.0}/s of ten /healthz = {ratio:.2} (goal 0.25), \
         {failed} failed; 100 bookings a second beside them: p50 {:.1} ms, p99 {:.1} ms",
        median(pages),
        median(idle),
        of(50.0),
        of(99.0),
    );
}

/// Pages a second, each of these requests, one after the other over one connection a person.
async fn visit(
    daemon: &Daemon,
    people: &[Signed],
    events: &[EventId],
    page: impl Fn(&Signed, EventId) -> Vec<String>,
) -> Visits {
    let started = Instant::now();
    let visitors = (0..VISITORS).map(|number| {
        let person = &people[number % people.len()];
        let paths = page(person, events[number % events.len()]);
        let (url, token) = (daemon.url().clone(), person.token.clone());
        tokio::spawn(async move {
            let mut visitor = Visitor::open(&url, &token).await;
            let mut visits = Visits::default();
            while started.elapsed() < ROUND {
                for path in &paths {
                    visits.failed += usize::from(visitor.get(path).await != StatusCode::OK);
                }
                visits.pages += 1.0;
            }
            visits
        })
    });
    let mut total = Visits::default();
    for visits in join_all(visitors).await {
        let visits = visits.expect("a visitor");
        total.pages += visits.pages;
        total.failed += visits.failed;
    }
    total.pages /= started.elapsed().as_secs_f64();
    total
}
