//! What a frame, a key and an hour cost: `make bench-tui`, in release. A debug build says nothing about it.
//!
//! One thread does all of it, so the time that it takes is its processor time, unless others on the machine are in its way.
//! Limits are set to the processor time, which they hardly touch; the time that passed is printed beside it.

use super::*;
use crate::message::EVERYTHING;
use happening_core::wire::{EventFigures, LiveMessage};
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// Messages of streams in a second.
const A_SECOND: u32 = 1_000;

/// Frames that a loop draws in a second while a stream tells things.
const FRAMES: u32 = 25;

/// A frame.
const FRAME: Duration = Duration::from_millis(1);

/// From a key to its frame.
const STEP: Duration = Duration::from_millis(16);

/// What this thread has taken of a processor.
fn processor_time() -> Duration {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(spent).unwrap()
}

/// Measures, prints the figures, and gives the median and what 99 of 100 stay within, of processor time.
fn measured(what: &str, times: u32, mut once: impl FnMut(u32)) -> [Duration; 2] {
    let (mut spent, mut passed) = (Vec::new(), Vec::new());
    for at in 0..times {
        let (processor, begun) = (processor_time(), Instant::now());
        once(at);
        spent.push(processor_time().saturating_sub(processor));
        passed.push(begun.elapsed());
    }
    spent.sort();
    passed.sort();
    let at = |percent: usize| (spent.len() - 1) * percent / 100;
    println!(
        "{what}: p50 {:?}, p99 {:?}, most {:?}; passed {:?}, {:?}, {:?}",
        spent[at(50)],
        spent[at(99)],
        spent[at(100)],
        passed[at(50)],
        passed[at(99)],
        passed[at(100)],
    );
    [spent[at(50)], spent[at(99)]]
}

fn frames(what: &str, model: &mut Model, key: KeyCode) {
    let mut terminal = Terminal::new(TestBackend::new(160, 48)).unwrap();
    let [frame, _] = measured(what, 1_000, |_| {
        terminal.draw(|frame| view(model, frame)).unwrap();
    });
    assert!(frame <= FRAME, "{what}: {frame:?}");
    let [_, step] = measured(&format!("{what}, a key and its frame"), 1_000, |_| {
        press(model, key);
        terminal.draw(|frame| view(model, frame)).unwrap();
    });
    assert!(step <= STEP, "{what}: {step:?}");
}

fn many() -> Vec<Event> {
    let event = |n: u32| event(n, &format!("Event number {n}"), i64::from(n) - 500, n % 90, 100, n % 7);
    (0..10_000).map(event).collect()
}

fn stadium() -> Model {
    let huge = event(1, "Stadium", 100, 30_000, 100_000, 50_000);
    let line = (1..=50_000).map(|n| party(n, Some("someone"), 2)).collect();
    opened(160, 48, &huge, 70_000, 10, line)
}

/// The message of a moment: the figures of an event, or seats that change hands.
fn told(model: &mut Model, n: u32) {
    let (watch, heard) = if n.is_multiple_of(2) {
        let figures = EventFigures {
            event_id: happening_core::id::EventId(id(2, n % 10_000)),
            version: 43 + u64::from(n),
            total: None,
            available: n % 90,
            waiting: n % 7,
        };
        (EVERYTHING, LiveMessage::Figures(figures))
    } else {
        let seats = LiveMessage::Seats {
            event_id: happening_core::id::EventId(id(2, 1)),
            version: 43 + u64::from(n),
            booked: vec![n % 100_000 + 1],
            freed: vec![(n + 5_000) % 100_000 + 1],
            withdrawn: Vec::new(),
        };
        (model.watch, seats)
    };
    update(model, Message::Heard { watch, heard: Ok(heard) });
}

/// Resident memory, in bytes.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}

#[test]
#[ignore = "make bench-tui"]
fn frames_are_drawn_within_a_millisecond() {
    frames("10,000 rows", &mut listing(160, 48, many()), KeyCode::PageDown);
    let mut model = stadium();
    frames("100,000 seats, all of them", &mut model, KeyCode::Right);
    write(&mut model, "zzz");
    frames("100,000 seats, one by one", &mut model, KeyCode::PageDown);
    let mut model = on(160, 48, Screen::Overview);
    measure(&mut model, 900);
    frames("the cockpit", &mut model, KeyCode::Char('r'));
}

/// A screen with everything that streams tell of, sorted or filtered so.
fn busy(shown: Screen, typed: &str) -> Model {
    let mut model = stadium();
    list(&mut model, many());
    press(&mut model, KeyCode::Char(shown.key()));
    write(&mut model, typed);
    if typed.starts_with('/') {
        press(&mut model, KeyCode::Enter);
    }
    model
}

#[test]
#[ignore = "make bench-tui"]
fn a_key_is_answered_while_a_stream_tells_a_thousand_things_a_second() {
    let filtered = (Screen::Events, "/number [0-9]*5");
    let all = [Screen::Overview, Screen::Event, Screen::Waitlists, Screen::Redis];
    for (shown, typed) in all.map(|shown| (shown, "")).into_iter().chain([(Screen::Events, ""), filtered]) {
        for sorted in [false, true] {
            let mut model = busy(shown, typed);
            if sorted {
                let pane = model.pane();
                let Some(table) = model.tables.get_mut(&pane) else { continue };
                table.sort_by(1);
            }
            let mut terminal = Terminal::new(TestBackend::new(160, 48)).unwrap();
            let what = format!(
                "{shown:?}{}{} at 1,000 messages a second, a key and its frame",
                if typed.is_empty() { "" } else { ", filtered" },
                if sorted { ", sorted" } else { "" },
            );
            let [_, step] = measured(&what, 500, |at| {
                // All that has come since the frame before, and the tick that brings tables up to date.
                for n in 0..A_SECOND / FRAMES {
                    told(&mut model, at * A_SECOND / FRAMES + n);
                }
                if at.is_multiple_of(6) {
                    tick(&mut model, i64::from(at / FRAMES));
                }
                press(&mut model, KeyCode::Down);
                terminal.draw(|frame| view(&model, frame)).unwrap();
            });
            assert!(step <= STEP, "{what}: {step:?}");
        }
    }
}

#[test]
#[ignore = "make bench-tui"]
fn a_list_that_is_read_again_holds_no_key_up() {
    let mut model = busy(Screen::Events, "");
    let mut terminal = Terminal::new(TestBackend::new(160, 48)).unwrap();
    let what = "10,000 rows, each of them another";
    let other = |n| {
        let event = |at| event(at, &format!("Event number {at}"), i64::from(at) - 500, n, 100, n % 7);
        (0..10_000).map(event).collect()
    };
    // Made beforehand.
    let mut lists: Vec<Vec<Event>> = (0..50).map(other).collect();
    let [_, step] = measured(what, 50, |_| {
        list(&mut model, lists.pop().unwrap());
        press(&mut model, KeyCode::Down);
        terminal.draw(|frame| view(&model, frame)).unwrap();
    });
    assert!(step <= STEP, "{what}: {step:?}");
}

#[test]
#[ignore = "make bench-tui"]
fn memory_is_flat_over_an_hour() {
    let mut model = stadium();
    list(&mut model, many());
    let mut terminal = Terminal::new(TestBackend::new(160, 48)).unwrap();
    let mut after_a_quarter = 0;
    for second in 0..3_600_u32 {
        for n in 0..A_SECOND {
            told(&mut model, second * A_SECOND + n);
        }
        measure(&mut model, 1);
        tick(&mut model, i64::from(second));
        terminal.draw(|frame| view(&model, frame)).unwrap();
        if second == 900 {
            after_a_quarter = resident();
        }
    }
    let after = resident();
    println!(
        "memory: {} kB after a quarter of an hour, {} kB after an hour",
        after_a_quarter / 1_024,
        after / 1_024
    );
    assert!(after < after_a_quarter + (4 << 20), "{after_a_quarter} {after}");
}
