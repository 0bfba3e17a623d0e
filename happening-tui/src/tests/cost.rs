//! What a frame costs does not depend on how much there is, only on how much is seen.

use super::*;
use std::time::{Duration, Instant};

/// Generous: a debug build. In release it is a tenth of it.
const MOST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 20 } else { 1 });

/// On a busy machine most frames are slow: what counts is that one can be fast.
fn best_of_many(model: &Model) -> Duration {
    let mut terminal = Terminal::new(TestBackend::new(160, 48)).unwrap();
    let mut best = Duration::MAX;
    for _ in 0..200 {
        let begun = Instant::now();
        terminal.draw(|frame| view(model, frame)).unwrap();
        best = best.min(begun.elapsed());
        if best < MOST {
            break;
        }
    }
    best
}

#[test]
fn a_frame_over_ten_thousand_events_is_cheap() {
    let many =
        (0..10_000).map(|n| event(n, &format!("Event number {n}"), i64::from(n) - 500, n % 90, 100, n % 7));
    let mut model = listing(160, 48, many.collect());
    assert_eq!(model.data.events.len(), 10_000);
    for _ in 0..50 {
        press(&mut model, KeyCode::PageDown);
    }
    let cost = best_of_many(&model);
    assert!(cost < MOST, "{cost:?}");
}

#[test]
fn a_frame_of_a_hundred_thousand_seats_is_cheap() {
    let huge = event(1, "Stadium", 100, 30_000, 100_000, 50_000);
    let queue = (1..=50_000).map(|n| party(n, Some("someone"), 2)).collect();
    let mut model = opened(160, 48, &huge, 70_000, 10, queue);
    for zoom in ["", "z", "z", "z"] {
        write(&mut model, zoom);
        press(&mut model, KeyCode::PageDown);
        let cost = best_of_many(&model);
        assert!(cost < MOST, "{cost:?}");
    }
}

#[test]
fn a_frame_of_the_cockpit_is_cheap() {
    let mut model = on(160, 48, Screen::Overview);
    measure(&mut model, 1_000);
    let cost = best_of_many(&model);
    assert!(cost < MOST, "{cost:?}");
}
