//! What streams tell, as it is seen.

use super::*;
use crate::message::EVERYTHING;
use crate::model::{Freshness, Link, Seat};
use happening_core::id::EventId;
use happening_core::wire::{EventFigures, EventStatus, LiveMessage, Metrics, OutboxDepth, WorkerCounts};

fn gala() -> Event {
    event(1, "Gala", 100, 25, 40, 0)
}

fn hear(model: &mut Model, watch: u32, message: LiveMessage) {
    update(model, Message::Heard { watch, heard: Ok(message) });
}

#[test]
fn seats_change_as_they_are_told_and_are_marked_for_a_while() {
    let mut model = opened(160, 48, &gala(), 15, 0, waitlist());
    let (watch, event_id) = (model.watch, gala().id);
    let snapshot = LiveMessage::Snapshot {
        event_id,
        version: 43,
        total: 40,
        taken: (1..=15).collect(),
        held: vec![30],
        available: 25,
        waiting: 0,
    };
    hear(&mut model, watch, snapshot);
    assert_eq!(model.event_stream, Link::Up);
    hear(
        &mut model,
        watch,
        LiveMessage::Seats { event_id, version: 44, booked: vec![20], freed: vec![1], withdrawn: vec![] },
    );
    hear(&mut model, watch, LiveMessage::Holds { event_id, held: vec![31, 20] });
    let event = model.event.as_ref().unwrap();
    assert_eq!(
        (event.seats[19], event.seats[0], event.seats[30], event.seats[29]),
        (Seat::Taken, Seat::Free, Seat::Held, Seat::Free)
    );
    assert_eq!((event.taken, event.held), (15, 1));
    let shown = screen(&model);
    // The brand, the legend and the seat.
    assert_eq!((shown.matches('◆').count(), shown.matches('◇').count()), (3, 2), "{shown}");
    let asked = tick(&mut model, 5);
    assert!(
        asked.iter().any(|effect| matches!(effect, Effect::Ask { query: Query::Line(_), .. })),
        "who waits is read again"
    );
    assert_eq!(screen(&model).matches('◆').count(), 2);
    hear(
        &mut model,
        watch,
        LiveMessage::Promotion { event_id, version: 45, seats: vec![1], waiting_number: 7, rest: 3 },
    );
    assert!(screen(&model).contains("Promoted from the waitlist: seat 1, waits for 3 more"));
}

/// What is asked when so many seconds have gone by since noon.
fn asked(model: &mut Model, seconds: i64) -> Vec<Query> {
    let effects = tick(model, seconds);
    let query = |effect| match effect {
        Effect::Ask { query, .. } => Some(query),
        _ => None,
    };
    effects.into_iter().filter_map(query).collect()
}

/// On a screen with everything seen, and the stream of everything at work.
fn streaming(shown: Screen) -> Model {
    let mut model = listing(160, 48, events());
    hear(&mut model, EVERYTHING, LiveMessage::Overview { events: Vec::new(), parts: [].into() });
    press(&mut model, KeyCode::Char(shown.key()));
    measure(&mut model, 1);
    full(&mut model);
    tick(&mut model, 1);
    full(&mut model);
    model
}

/// A commit at an event, as the stream of everything tells it.
fn commit(model: &mut Model, event_id: EventId, version: u64) {
    let waiting = events().iter().find(|event| event.id == event_id).unwrap().waiting;
    let figures = EventFigures { event_id, version, total: None, available: 3, waiting };
    hear(model, EVERYTHING, LiveMessage::Figures(figures));
}

#[test]
fn lines_are_read_again_when_the_stream_says_so_and_not_by_the_clock() {
    let mut model = streaming(Screen::Waitlists);
    let gala = events()[0].id;
    assert_eq!(model.selected_event(crate::model::Pane::WaitingEvents), Some(gala));
    assert_eq!(asked(&mut model, 9), [], "nothing was told");
    commit(&mut model, events()[3].id, 50);
    assert_eq!(asked(&mut model, 10), [], "another event");
    commit(&mut model, gala, 50);
    let asked_now = asked(&mut model, 11);
    assert!(asked_now.contains(&Query::Line(gala)), "{asked_now:?}");
    let (why, told) = model.data.why.clone().unwrap();
    commit(&mut model, told.event_id, 50);
    let asked_now = asked(&mut model, 12);
    assert!(asked_now.contains(&Query::Why(why)), "why it waits: {asked_now:?}");
    for query in [Query::Line(gala), Query::Why(why)] {
        let said = said(&query);
        answer(&mut model, query, said);
    }
    commit(&mut model, gala, 50);
    assert_eq!(asked(&mut model, 14), [], "a commit that is known already");
    update(&mut model, Message::Heard { watch: EVERYTHING, heard: Err(away()) });
    assert!(asked(&mut model, 16).contains(&Query::Line(gala)), "without the stream by the clock");
}

#[test]
fn bookings_of_a_person_are_read_again_when_one_of_their_events_changes() {
    let mut model = streaming(Screen::Bookings);
    let person = model.selected_person(crate::model::Pane::People).unwrap();
    assert_eq!(asked(&mut model, 7), []);
    commit(&mut model, events()[1].id, 50);
    let asked_now = asked(&mut model, 8);
    for query in [Query::BookingsOf(person), Query::Told(person)] {
        assert!(asked_now.contains(&query), "{asked_now:?}");
    }
    full(&mut model);
    commit(&mut model, events()[3].id, 50);
    assert_eq!(asked(&mut model, 10), [], "an event at which they have nothing");
}

#[test]
fn an_open_event_is_read_again_when_its_stream_says_so() {
    let event = events()[1].clone();
    let mut model = listing(160, 48, events());
    press(&mut model, KeyCode::Down);
    press(&mut model, KeyCode::Enter);
    let (watch, event_id) = (model.watch, event.id);
    let seats = |version| LiveMessage::Seats {
        event_id,
        version,
        booked: vec![20],
        freed: vec![],
        withdrawn: vec![],
    };
    hear(&mut model, watch, seats(43));
    full(&mut model);
    tick(&mut model, 1);
    full(&mut model);
    tick(&mut model, 2);
    full(&mut model);
    assert_eq!(asked(&mut model, 12), [], "nothing was told");
    hear(&mut model, watch, seats(44));
    let asked_now = asked(&mut model, 13);
    let booking = model.target_booking().unwrap().id;
    for query in [Query::Line(event_id), Query::BookingsAt(event_id), Query::Booking(booking)] {
        assert!(asked_now.contains(&query), "{query:?}: {asked_now:?}");
    }
}

#[test]
fn queues_are_read_again_when_their_depths_change() {
    let mut model = streaming(Screen::Queue);
    let depths = |model: &mut Model, pending: u64, failed: u64| {
        let metrics = Metrics {
            interval_ms: 1_000,
            outbox: Some(OutboxDepth { pending, ..OutboxDepth::default() }),
            worker: WorkerCounts { sent: 5, failed, parked: 0 },
            ..Metrics::default()
        };
        hear(model, EVERYTHING, LiveMessage::Metrics(Box::new(metrics)));
    };
    depths(&mut model, 0, 0);
    assert_eq!(model.data.queue.as_ref().unwrap().worker.sent, 1_209, "counted on");
    assert_eq!(asked(&mut model, 4), [], "nothing was told");
    depths(&mut model, 7, 0);
    let asked_now = asked(&mut model, 5);
    for query in [Query::Queue, Query::Parked, Query::Undelivered] {
        assert!(asked_now.contains(&query), "{asked_now:?}");
    }
    full(&mut model);
    depths(&mut model, 7, 1);
    assert!(asked(&mut model, 7).contains(&Query::Undelivered), "a delivery failed");
    full(&mut model);
    assert!(asked(&mut model, 18).contains(&Query::Queue), "the rates are in no message");
}

#[test]
fn sales_that_are_paused_elsewhere_show_at_once() {
    let mut model = streaming(Screen::Events);
    let changed = LiveMessage::Changed {
        event_id: events()[1].id,
        version: 43,
        status: EventStatus::Upcoming,
        total: 44,
        sales_paused: true,
    };
    hear(&mut model, EVERYTHING, changed);
    let queries = asked(&mut model, 3);
    assert!(queries.contains(&Query::Events), "the list has the rest: {queries:?}");
    let shown = screen(&model);
    let line = shown.lines().find(|line| line.contains("Rust Meetup")).unwrap();
    assert!(line.contains("paused") && line.contains("38/44"), "{line}");
}

#[test]
fn what_was_refused_is_not_asked_every_other_second() {
    let mut model = on(160, 48, Screen::Organizations);
    let organization = model.selected_organization().unwrap();
    tick(&mut model, 11);
    full(&mut model);
    fail(&mut model, Query::Invites(organization), refused("You may not do this"));
    assert!(!asked(&mut model, 15).contains(&Query::Invites(organization)));
    fail(&mut model, Query::Members(organization), away());
    assert!(asked(&mut model, 16).contains(&Query::Members(organization)), "what is away may be back");
}

#[test]
fn an_answer_that_fails_is_stale_although_the_stream_is_up() {
    let mut model = streaming(Screen::Queue);
    assert_eq!(model.freshness(), Some(Freshness::Live));
    fail(&mut model, Query::Queue, refused("unexpected answer"));
    assert!(matches!(model.freshness(), Some(Freshness::Stale(_, Some(_)))));
}

#[test]
fn what_another_event_tells_is_not_heard() {
    let mut model = opened(160, 48, &gala(), 15, 0, Vec::new());
    let (watch, event_id) = (model.watch, gala().id);
    hear(
        &mut model,
        watch + 1,
        LiveMessage::Seats { event_id, version: 44, booked: vec![20], freed: vec![], withdrawn: vec![] },
    );
    let other = events()[1].id;
    hear(
        &mut model,
        watch,
        LiveMessage::Seats {
            event_id: other,
            version: 44,
            booked: vec![20],
            freed: vec![],
            withdrawn: vec![],
        },
    );
    assert_eq!(model.event.as_ref().unwrap().taken, 15);
}

#[test]
fn the_list_follows_the_stream_of_everything() {
    let mut model = listing(80, 24, events());
    let event_id = events()[1].id;
    let figures = |version, available, waiting| {
        LiveMessage::Figures(EventFigures { event_id, version, total: Some(40), available, waiting })
    };
    hear(&mut model, EVERYTHING, figures(43, 7, 2));
    hear(&mut model, EVERYTHING, figures(41, 39, 0));
    tick(&mut model, 1);
    assert!(screen(&model).contains("7/40"), "the newest version counts");
    assert_eq!(model.freshness(), Some(Freshness::Live));
    tick(&mut model, 50);
    assert_eq!(model.freshness(), Some(Freshness::Live), "a stream that tells nothing has nothing to tell");
    hear(&mut model, EVERYTHING, LiveMessage::Deleted { event_id, version: 44 });
    tick(&mut model, 51);
    assert!(!screen(&model).contains("Rust Meetup"));
}

#[test]
fn a_stream_that_broke_off_makes_stale_and_asks_again_when_it_is_back() {
    let mut model = listing(80, 24, events());
    hear(&mut model, EVERYTHING, LiveMessage::Overview { events: Vec::new(), parts: [].into() });
    update(&mut model, Message::Heard { watch: EVERYTHING, heard: Err(away()) });
    assert_eq!(model.stream, Link::Lost);
    assert!(matches!(model.freshness(), Some(Freshness::Stale(..))));
    hear(&mut model, EVERYTHING, LiveMessage::Overview { events: Vec::new(), parts: [].into() });
    let asked = tick(&mut model, 2);
    assert!(asked.iter().any(|effect| matches!(effect, Effect::Ask { query: Query::Events, .. })));
}

#[test]
fn a_thousand_messages_cost_no_thousand_tables() {
    let many: Vec<Event> = (0..10_000).map(|n| event(n, "Event", 100, 10, 100, 0)).collect();
    let mut model = listing(160, 48, many.clone());
    let begun = std::time::Instant::now();
    for (at, event) in many.iter().take(1_000).enumerate() {
        let figures = EventFigures {
            event_id: event.id,
            version: 43 + at as u64,
            total: None,
            available: 3,
            waiting: 0,
        };
        hear(&mut model, EVERYTHING, LiveMessage::Figures(figures));
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn alarms_name_the_screen_that_leads_to_them() {
    let model = on(160, 48, Screen::Overview);
    let shown = screen(&model);
    for what in ["counters: degraded", "1 message is parked", "1 figure drifts"] {
        let line =
            shown.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}: {shown}"));
        assert!(line.contains("leads to"), "{line}");
    }
}

#[test]
fn the_charts_show_what_the_daemon_measures_and_can_be_stopped() {
    let mut model = on(160, 48, Screen::Overview);
    measure(&mut model, 90);
    assert_eq!(model.series.len(), 90);
    assert!(screen(&model).contains("Hottest events"));
    write(&mut model, " ");
    let stopped = model.series.now(crate::model::Figure::Bookings);
    measure(&mut model, 7);
    assert!(
        (model.series.now(crate::model::Figure::Bookings) - stopped).abs() < f64::EPSILON,
        "the same moment stays"
    );
    press(&mut model, KeyCode::Left);
    assert_eq!(model.series.paused, Some(17));
    write(&mut model, " ");
    assert_eq!(model.series.paused, None);
    measure(&mut model, 5_000);
    assert_eq!(model.series.len(), crate::model::LONGEST, "memory stays as it is");
}
