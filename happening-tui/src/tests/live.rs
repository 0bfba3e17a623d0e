//! What streams tell, as it is seen.

use super::*;
use crate::message::EVERYTHING;
use crate::model::{Freshness, Link, Seat};
use happening_core::wire::{EventFigures, LiveMessage};

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
    assert!(screen(&model).contains("Promoted from the waitlist: seats 1, waits for 3 more"));
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
