//! Long lives of events, command by command at random: after each commit the store holds what was decided.

use super::kit::{Kit, Tracked, context, count, terms};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::{Amendment, AnySeats, Command, SeatSelection, Terms};
use happening_core::id::{BookingId, UserId};
use happening_core::wire::{BookingStatus, WaitlistPolicy};

on_every_store!(whatever_is_decided_is_stored_under_split, whatever_is_decided_is_stored_under_whole);

const COMMITS: i64 = 60;

/// A die that always falls the same way.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 % u64::from(sides)).expect("few sides")
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.roll(count(from.len())) as usize])
    }
}

async fn whatever_is_decided_is_stored_under_split(db: TestStore) {
    live(db, terms(12), 1).await;
}

async fn whatever_is_decided_is_stored_under_whole(db: TestStore) {
    live(db, Terms { policy: WaitlistPolicy::Whole, bypass_limit: 2, ..terms(12) }, 2).await;
}

async fn live(db: TestStore, terms: Terms, seed: u64) {
    let kit = Kit::new(db).await;
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ seed);
    let users: Vec<UserId> = (0..4).map(|_| kit.ids.user()).collect();
    let mut events = [kit.event(terms.clone()).await, kit.event(terms).await];
    for commit in 0..COMMITS {
        for _ in 0..=dice.roll(6) {
            let event = &mut events[dice.roll(2) as usize];
            let command = command(&kit, &mut dice, &users, &event.bookings());
            let refused = event
                .state
                .clone()
                .decide(&command, &context(), &mut Vec::new(), &mut || BookingId(kit.ids.uuid()));
            if refused.is_ok() {
                event.ask(&command);
            }
        }
        let mut changed: Vec<&mut Tracked> =
            events.iter_mut().filter(|event| !event.changes.is_empty()).collect();
        kit.commit(10 + commit, &mut changed).await;
        for event in &events {
            kit.assert_stored(event).await;
            assert_shown(&kit, event).await;
        }
    }
    assert!(events.iter().all(|event| event.state.version() > 20), "they lived");
}

fn command(kit: &Kit, dice: &mut Dice, users: &[UserId], bookings: &[BookingId]) -> Command {
    let user = dice.pick(users).expect("somebody");
    let booking = kit.ids.booking();
    let any = bookings.is_empty() || dice.roll(2) == 0;
    match dice.roll(10) {
        _ if any => {
            Command::Book { booking, user, selection: SeatSelection::Any(AnySeats::lowest(dice.roll(4) + 1)) }
        }
        0..=1 => {
            let selection = SeatSelection::Named(vec![dice.roll(12) + 1]);
            Command::Book { booking, user, selection }
        }
        2..=4 => Command::Cancel { booking: dice.pick(bookings).expect("a booking") },
        5..=6 => Command::CancelSeats {
            booking: dice.pick(bookings).expect("a booking"),
            seats: (0..6).map(|_| dice.roll(12) + 1).collect(),
        },
        7..=8 => Command::Move {
            booking: dice.pick(bookings).expect("a booking"),
            seats: (0..=dice.roll(2)).map(|_| dice.roll(12) + 1).collect(),
        },
        _ => Command::Amend(Amendment { capacity: Some(10 + dice.roll(5)), ..Amendment::default() }),
    }
}

/// What people are shown says the same as what the engine loads.
async fn assert_shown(kit: &Kit, event: &Tracked) {
    let state = &event.state;
    let view = kit.store.find_event(event.id).await.expect("readable").expect("an event");
    let seats = kit.store.find_seats(event.id).await.expect("readable").expect("an event");
    let line = kit.store.list_waitlist(event.id, None, None).await.expect("readable");
    assert_eq!((view.total_slots, view.available_slots), (state.seats().capacity(), state.seats().free()));
    assert_eq!((view.version, view.waiting as usize), (state.version(), line.len()));
    assert_eq!(seats.taken, state.seats().taken_seats().collect::<Vec<_>>());
    assert!(
        line.iter()
            .map(|(number, party)| (party.booking_id, *number, party.seats))
            .eq(state.waitlist().iter().map(|party| (party.booking, party.number, party.seats)))
    );
    assert!(
        line.iter()
            .zip(1..)
            .all(|((_, party), place)| (party.position, party.waiting_number) == (place, place.into()))
    );
    if let Some(id) = event.bookings().first() {
        let booking = kit.store.find_booking(*id).await.expect("readable").expect("a booking");
        let held = state.seats_of(*id).map(|seats| seats.to_vec());
        assert_eq!(booking.status == BookingStatus::Confirmed, held.is_some());
        assert_eq!(booking.assigned_seats, held);
    }
}
