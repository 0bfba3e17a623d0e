//! A room as its listeners hear it.

use super::*;
use crate::holds::{Hold, HoldList, Holder};
use crate::live::commit::Step;
use crate::live::hub::HOLDS_PAUSE;
use happening_core::booking::{Change, Seats, Terms};
use happening_core::id::{BookingId, UserId};
use uuid::Uuid;

const EVENT: EventId = EventId(Uuid::from_u128(1));

/// An event of ten seats, of which these are booked.
fn state(version: u64, booked: &[u32]) -> EventState {
    let mut state = EventState::new(Terms::upcoming(10, chrono::DateTime::UNIX_EPOCH));
    if !booked.is_empty() {
        let (booking, user) = (BookingId(Uuid::from_u128(2)), UserId(Uuid::from_u128(3)));
        state.apply(&Change::Booked { booking, user, seats: Seats::from_slice(booked), pass: None });
    }
    state.settle(version);
    state
}

fn commit(version: u64, steps: Vec<Step>) -> Arc<Commit> {
    Arc::new(Commit {
        event: EVENT,
        version,
        steps,
        total: 10,
        available: 0,
        waiting: 0,
        sales_paused: false,
    })
}

fn booked(version: u64, seats: &[u32]) -> Arc<Commit> {
    commit(version, vec![Step::Booked(seats.to_vec())])
}

fn listener() -> (mpsc::Sender<Arc<StreamEntry>>, mpsc::Receiver<Arc<StreamEntry>>) {
    mpsc::channel(64)
}

/// What was heard, without the figures: `id +booked -freed`.
fn heard(entries: &mut mpsc::Receiver<Arc<StreamEntry>>) -> Vec<String> {
    let mut heard = Vec::new();
    while let Ok(entry) = entries.try_recv() {
        match &entry.message {
            LiveMessage::Seats { booked, freed, withdrawn, .. } => {
                heard.push(format!("{} +{booked:?} -{freed:?} !{withdrawn:?}", entry.id));
            }
            LiveMessage::Snapshot { taken, .. } => heard.push(format!("{} ={taken:?}", entry.id)),
            LiveMessage::Holds { held, .. } => heard.push(format!("{} ?{held:?}", entry.id)),
            _ => {}
        }
    }
    heard
}

/// A room that knows its event at a version, and somebody who listens from then on.
fn room_at(version: u64, taken: &[u32]) -> (Room, mpsc::Receiver<Arc<StreamEntry>>) {
    let mut room = Room::new(EVENT);
    room.read(&state(version, taken), Instant::now());
    let (sender, entries) = listener();
    room.attach(sender);
    (room, entries)
}

#[test]
fn commits_are_told_in_order_and_once_however_they_arrive() {
    let (mut room, mut entries) = room_at(4, &[]);
    let now = Instant::now();
    for commit in [booked(6, &[2]), booked(4, &[9]), booked(5, &[1]), booked(6, &[2]), booked(5, &[1])] {
        room.take(commit, now);
    }
    assert_eq!(heard(&mut entries), ["5.0 +[1] -[] ![]", "6.0 +[2] -[] ![]"]);
    assert!(!room.is_behind(now + PATIENCE * 2), "nothing is missing");
}

#[test]
fn what_does_not_come_is_told_as_a_difference() {
    let (mut room, mut entries) = room_at(4, &[1, 2]);
    let now = Instant::now();
    room.take(booked(7, &[8]), now);
    assert!(heard(&mut entries).is_empty(), "5 and 6 come first");
    assert!(!room.is_behind(now) && room.is_behind(now + PATIENCE * 2));
    room.read(&state(6, &[2, 3]), now);
    assert_eq!(heard(&mut entries), ["6.0 +[] -[1] ![]", "6.1 +[3] -[] ![]", "7.0 +[8] -[] ![]"]);
    room.read(&state(6, &[2, 3]), now);
    assert!(heard(&mut entries).is_empty(), "an old read tells nothing");
}

#[test]
fn whoever_listens_before_the_first_read_misses_nothing() {
    let mut room = Room::new(EVENT);
    let (sender, mut entries) = listener();
    room.attach(sender);
    room.take(booked(3, &[1]), Instant::now());
    room.take(booked(4, &[2]), Instant::now());
    assert!(heard(&mut entries).is_empty());
    // What was read has the first of the two already.
    room.read(&state(3, &[1]), Instant::now());
    assert_eq!(heard(&mut entries), ["3.0 +[1] -[] ![]", "4.0 +[2] -[] ![]"]);
    let (sender, mut late) = listener();
    room.resume(sender, None);
    assert_eq!(heard(&mut late), ["4 =[1, 2]"]);
}

#[test]
fn a_reader_that_comes_back_hears_what_it_missed_or_how_things_are() {
    let (mut room, _frames) = room_at(4, &[]);
    room.take(commit(5, vec![Step::Booked(vec![1]), Step::Freed(vec![1])]), Instant::now());
    room.take(booked(6, &[2]), Instant::now());
    let back_after = |room: &mut Room, id: &str| {
        let (sender, mut entries) = listener();
        room.resume(sender, Some(id.parse().expect("an id")));
        heard(&mut entries)
    };
    assert_eq!(
        back_after(&mut room, "4"),
        ["5.0 +[1] -[] ![]", "5.1 +[] -[1] ![]", "6.0 +[2] -[] ![]", "6 ?[]"]
    );
    assert_eq!(back_after(&mut room, "5.0"), ["5.1 +[] -[1] ![]", "6.0 +[2] -[] ![]", "6 ?[]"]);
    assert_eq!(back_after(&mut room, "6"), ["6 ?[]"]);
    for unknown in ["3", "7", "99.1"] {
        assert_eq!(back_after(&mut room, unknown), ["6 =[2]"], "{unknown}");
    }
    for version in 7..2_000 {
        room.take(booked(version, &[]), Instant::now());
    }
    assert_eq!(back_after(&mut room, "5"), ["1999 =[2]"], "too long ago");
}

#[test]
fn a_slow_listener_is_dropped_and_nobody_else_notices() {
    let (mut room, mut entries) = room_at(0, &[]);
    let (sender, mut slow) = mpsc::channel(3);
    room.attach(sender);
    for version in 1..=10 {
        room.take(booked(version, &[u32::try_from(version).expect("small")]), Instant::now());
    }
    assert_eq!(heard(&mut entries).len(), 10);
    assert_eq!(heard(&mut slow).len(), 2, "seats, figures, seats");
    assert!(matches!(slow.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)), "and then the end");
}

#[test]
fn capacity_moves_with_the_seats() {
    let (mut room, mut entries) = room_at(0, &[1]);
    let grown = Commit {
        total: 12,
        ..(*commit(
            1,
            vec![Step::Freed(vec![11, 12]), Step::Promoted { seats: vec![11], number: 1, rest: 0 }],
        ))
        .clone()
    };
    room.take(Arc::new(grown), Instant::now());
    assert_eq!(heard(&mut entries), ["1.0 +[] -[11, 12] ![]", "1.1 +[11] -[] ![]"]);
    // Read anew at ten seats: two are gone, of which one was booked.
    room.read(&state(2, &[1]), Instant::now());
    assert_eq!(heard(&mut entries), ["2.0 +[] -[] ![11, 12]"]);
}

#[test]
fn held_seats_that_are_booked_are_held_no_longer() {
    let (mut room, mut entries) = room_at(0, &[]);
    let now = Instant::now();
    let held = |seat| Held { seat, until: now + Duration::from_secs(10) };
    room.set_holds(vec![held(3), held(4)], now);
    room.take(booked(1, &[3]), now);
    room.set_holds(vec![held(4)], now + HOLDS_PAUSE);
    room.set_holds(vec![held(3), held(4)], now + HOLDS_PAUSE * 2);
    assert_eq!(heard(&mut entries), ["0 ?[3, 4]", "1.0 +[3] -[] ![]"], "the listeners know");
    assert!(!room.has_expired(now) && room.has_expired(now + Duration::from_secs(11)));
}

#[test]
fn seats_that_come_free_while_somebody_holds_them_are_held_again() {
    let (mut room, mut entries) = room_at(0, &[]);
    let now = Instant::now();
    let held = |seat| Held { seat, until: now + Duration::from_secs(10) };
    room.set_holds(vec![held(3), held(4), held(11)], now);
    room.take(booked(1, &[3]), now);
    room.take(commit(2, vec![Step::Freed(vec![3])]), now);
    room.take(commit(3, vec![Step::Freed(vec![9])]), now);
    assert_eq!(
        heard(&mut entries),
        ["0 ?[3, 4]", "1.0 +[3] -[] ![]", "2.0 +[] -[3] ![]", "2 ?[3, 4]", "3.0 +[] -[9] ![]"],
        "11 is beyond the last seat"
    );
    room.take(booked(4, &[4]), now);
    room.read(&state(6, &[3]), now);
    assert_eq!(heard(&mut entries), ["4.0 +[4] -[] ![]", "6.0 +[] -[4] ![]", "6.1 +[3] -[] ![]", "6 ?[4]"]);
}

#[test]
fn holds_are_told_when_they_change_and_a_few_times_a_second_at_most() {
    let (mut room, mut entries) = room_at(0, &[]);
    let start = Instant::now();
    let held = |seats: &[u32]| -> Vec<Held> {
        seats.iter().map(|&seat| Held { seat, until: start + Duration::from_secs(10) }).collect()
    };
    room.set_holds(held(&[1]), start);
    for _ in 0..1_000 {
        room.set_holds(held(&[1]), start + HOLDS_PAUSE * 3);
    }
    assert_eq!(heard(&mut entries), ["0 ?[1]"], "what only lasts longer is no news");
    let now = start + HOLDS_PAUSE * 4;
    for seat in 2..=9 {
        room.set_holds(held(&[1, seat]), now);
    }
    assert_eq!(heard(&mut entries), ["0 ?[1, 2]"], "at once");
    assert_eq!(room.look(&[]).expect("known").held, [1, 9], "what is asked for is up to date");
    room.publish_due_holds(now + HOLDS_PAUSE / 2);
    assert!(heard(&mut entries).is_empty());
    room.publish_due_holds(now + HOLDS_PAUSE);
    assert_eq!(heard(&mut entries), ["0 ?[1, 9]"], "then what came of the rest");
    room.set_holds(held(&[]), now + HOLDS_PAUSE);
    room.set_holds(held(&[1, 9]), now + HOLDS_PAUSE);
    room.publish_due_holds(now + HOLDS_PAUSE * 2);
    assert!(heard(&mut entries).is_empty(), "there and back is no news");
    let list = |order, seat| HoldList {
        order,
        holds: vec![Hold {
            seat,
            holder: Holder::Socket { id: "one".to_owned(), user: None, peer: None },
            expires_in: Duration::from_secs(10),
        }],
    };
    let later = now + HOLDS_PAUSE * 4;
    room.take_holds(&list(8, 3), later);
    room.take_holds(&list(7, 4), later + HOLDS_PAUSE);
    assert_eq!(heard(&mut entries), ["0 ?[3]"], "an older list that comes late counts for nothing");
    room.set_holds(held(&[1, 9]), later + HOLDS_PAUSE * 2);
    let (sender, mut late) = listener();
    room.attach_anew(sender);
    assert_eq!(heard(&mut late), ["0 ?[1, 9]"], "a newcomer hears what is held");
}

#[test]
fn a_look_says_what_the_room_was_told() {
    let mut room = Room::new(EVENT);
    assert_eq!(room.look(&[1]), None, "nothing yet");
    room.read(&state(4, &[1, 2]), Instant::now());
    room.take(booked(5, &[3]), Instant::now());
    assert_eq!(room.look(&[4, 3, 2, 11]), Some(Seen { total: 10, booked: vec![3, 2], held: vec![] }));
}
