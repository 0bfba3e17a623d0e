//! Places in line, in random orders of what moves them: each answer that names a place names the same one.

use crate::line::update;
use crate::support::Daemon;
use crate::support::books::Books;
use crate::support::dice::Dice;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{ErrorCode, NotificationsQuery, PageQuery, Promote, UpdateEvent, WaitlistPolicy};

on_both_parts!(a_place_in_line_is_the_same_everywhere_whatever_happens,);

const ORDERS: u32 = 100;
const STEPS: u32 = 6;

/// More than one order makes.
const NEWEST: PageQuery = PageQuery { limit: Some(20), cursor: None };

/// Steps of each kind that did what they are for.
#[derive(Default)]
struct Done {
    cancelled: u32,
    grown: u32,
    promoted: u32,
    /// From behind somebody who still waits.
    out_of_turn: u32,
}

/// An event with a line, and what was done to it.
struct Line<'a> {
    organizer: &'a Signed,
    people: &'a [Signed; 2],
    event: EventId,
    /// Whose each waiting booking is, the head first.
    waits: Vec<(usize, BookingId)>,
    /// A confirmed booking of three seats, until it is cancelled.
    seated: Option<BookingId>,
    /// Whether free seats gather for the head. With `split` they are given away, and nothing is left for a promotion.
    gathers: bool,
}

async fn a_place_in_line_is_the_same_everywhere_whatever_happens(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let people = [sign_in(&daemon, "member").await, sign_in(&daemon, "admin").await];
    let (mut dice, mut done) = (Dice::new(6), Done::default());
    for order in 0..ORDERS {
        let event = publish(&organizer, 3).await.id;
        let gathers = order % 3 > 0;
        if gathers {
            update(&organizer, event, gathering()).await;
        }
        let seated = Some(book(&organizer, event, 3).await.id);
        let (organizer, people) = (&organizer, &people);
        let mut line = Line { organizer, people, event, waits: Vec::new(), seated, gathers };
        // One seat that comes free is left for a promotion out of turn.
        line.wait(&mut dice, 3).await;
        line.wait(&mut dice, 1).await;
        for _ in 0..STEPS {
            line.step(&mut dice, &mut done).await;
            line.is_the_same_everywhere().await;
        }
        // Who does not fit waits whole, with free seats before them: the books end where the line was served.
        organizer.client.promote(event, &Promote::default()).await.expect("served");
        line.is_the_same_everywhere().await;
    }
    for (kind, times) in [
        ("cancelled", done.cancelled),
        ("grown", done.grown),
        ("promoted", done.promoted),
        ("promoted out of turn", done.out_of_turn),
    ] {
        assert!(times >= 10, "{kind} {times} times");
    }
    Books::of(&parts).await.audit();
}

fn gathering() -> UpdateEvent {
    UpdateEvent {
        waitlist_policy: Some(WaitlistPolicy::Whole),
        bypass_limit: Some(0),
        ..UpdateEvent::default()
    }
}

impl Line<'_> {
    async fn step(&mut self, dice: &mut Dice, done: &mut Done) {
        match dice.roll(1..=6) {
            1 if !self.waits.is_empty() => {
                let (whose, booking) = self.one(dice);
                self.people[whose].client.cancel_booking(booking).await.expect("cancelled");
                done.cancelled += 1;
            }
            2 => {
                self.grow(1).await;
                done.grown += 1;
            }
            3 | 4 if !self.waits.is_empty() => {
                if self.gathers && dice.once_in(2) {
                    self.grow(1).await;
                    self.is_the_same_everywhere().await;
                }
                self.promote(dice, done).await;
            }
            5 if self.seated.is_some() => {
                let seated = self.seated.take().expect("looked at");
                self.organizer.client.cancel_booking(seated).await.expect("cancelled");
                done.cancelled += 1;
            }
            _ => {
                let seats = dice.roll(1..=3);
                self.wait(dice, seats).await;
            }
        }
    }

    fn one(&self, dice: &mut Dice) -> (usize, BookingId) {
        self.waits[dice.roll(0..=u32::try_from(self.waits.len() - 1).expect("few")) as usize]
    }

    async fn grow(&self, by: u32) {
        let seats = self.organizer.client.event(self.event).await.expect("an event").total_slots + by;
        let grown = UpdateEvent { total_slots: Some(seats), ..UpdateEvent::default() };
        update(self.organizer, self.event, grown).await;
    }

    /// Promotes one party, whatever its place, with the seats that are free.
    async fn promote(&self, dice: &mut Dice, done: &mut Done) {
        if self.waits.is_empty() {
            return;
        }
        let (_, booking) = self.one(dice);
        let promote = Promote { booking_id: Some(booking) };
        match self.organizer.client.promote(self.event, &promote).await {
            Ok(served) => {
                assert_eq!(served.promoted[0].booking_id, booking);
                done.promoted += 1;
                done.out_of_turn += u32::from(self.waits[0].1 != booking);
            }
            Err(error) => assert_eq!(error.code(), Some(ErrorCode::NotEnoughSeats), "{error}"),
        }
    }

    async fn wait(&mut self, dice: &mut Dice, seats: u32) {
        let whose = dice.roll(0..=1) as usize;
        let person = &self.people[whose];
        let booking = book(person, self.event, seats).await;
        let position = person.client.waiting_position(booking.id).await.expect("a place");
        assert_eq!(booking.waiting_number, position.position.map(u64::from));
        let Some(number) = booking.waiting_number else { return };
        let newest = NotificationsQuery { limit: NEWEST.limit, ..NotificationsQuery::default() };
        let told = person.client.find_notifications_of(person.user.expect("a user"), &newest).await;
        let told = told.expect("notifications").items;
        let told = told.iter().find(|told| told.booking_id == Some(booking.id)).expect("notified");
        assert!(told.message.contains(&format!("number {number}")), "{told:?}");
        self.waits.push((whose, booking.id));
    }

    /// The line, and what each of those who wait is shown in every place.
    async fn is_the_same_everywhere(&mut self) {
        let listed = self.organizer.client.waitlist(self.event).await.expect("the line");
        self.waits.retain(|(_, booking)| listed.iter().any(|party| party.booking_id == *booking));
        assert_eq!(self.waits.len(), listed.len(), "nobody else waits");
        for ((whose, booking), place) in self.waits.iter().zip(1..) {
            let (found, number) = (&listed[place as usize - 1], Some(u64::from(place)));
            assert_eq!(
                (found.booking_id, found.position, found.waiting_number),
                (*booking, place, place.into())
            );
            let person = &self.people[*whose];
            let position = person.client.waiting_position(*booking).await.expect("a place");
            assert_eq!(position.position, Some(place));
            assert_eq!(person.client.booking(*booking).await.expect("a booking").waiting_number, number);
        }
        for person in self.people {
            let mine = person.client.find_bookings_of(person.user.expect("a user"), &NEWEST).await;
            for mine in mine.expect("bookings").items.iter().filter(|mine| mine.event_id == self.event) {
                let place = self.waits.iter().position(|(_, booking)| *booking == mine.booking_id);
                assert_eq!(mine.waiting_number, place.map(|place| place as u64 + 1));
            }
        }
    }
}
