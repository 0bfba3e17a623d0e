//! What the rules must make of a command, written down from the rules' words and without any cleverness: seats in a map,
//! the line in a list, every party counting for itself how often it was passed.

use crate::booking::{Adjacent, WaitlistPolicy};
use crate::booking::{
    Amendment, AnySeats, Change, Command, Context, Lessened, MAX_CAPACITY, Outcome, Pass, Refusal, SeatNo,
    SeatSelection, Seats, Served, Terms,
};
use crate::id::{BookingId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// The seats that somebody gets who names none.
pub fn pick(free: &[SeatNo], any: &AnySeats) -> Option<Vec<SeatNo>> {
    let count = any.count as usize;
    let (gently, firmly) = any.avoid.seats();
    let without = |avoided: &[&[SeatNo]]| -> Vec<SeatNo> {
        free.iter().copied().filter(|seat| !avoided.iter().any(|seats| seats.contains(seat))).collect()
    };
    let levels = [without(&[gently, firmly]), without(&[firmly]), without(&[])];
    let run = |seats: &Vec<SeatNo>| {
        let follow = |run: &&[SeatNo]| run.windows(2).all(|pair| pair[1] == pair[0] + 1);
        seats.windows(count).find(follow).map(<[SeatNo]>::to_vec)
    };
    match any.adjacent {
        Adjacent::Required => return levels.iter().find_map(run),
        Adjacent::Preferred if run(&levels[0]).is_some() => return run(&levels[0]),
        Adjacent::Preferred | Adjacent::No => {}
    }
    // Those that nobody minds first, then those that are given up first.
    let mut ranked: Vec<SeatNo> = Vec::new();
    for level in &levels {
        ranked.extend(level.iter().filter(|seat| !ranked.contains(seat)).copied().collect::<Vec<_>>());
    }
    (ranked.len() >= count).then(|| {
        ranked.truncate(count);
        ranked.sort_unstable();
        ranked
    })
}

/// A party in line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub number: u64,
    pub booking: BookingId,
    pub user: UserId,
    pub seats: u32,
    /// How often somebody with a higher number, or a newcomer, got seats under `whole` while this party waited.
    pub passed: u32,
    /// Whether it got a part of its seats.
    pub is_rest: bool,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub terms: Terms,
    pub taken: BTreeMap<SeatNo, (BookingId, UserId)>,
    pub line: Vec<Waiting>,
    pub next_number: u64,
    pub changes: Vec<Change>,
    context: Context,
}

impl Model {
    pub fn new(terms: Terms, context: Context) -> Self {
        let (taken, line, changes) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { terms, taken, line, next_number: 1, changes, context }
    }

    /// Runs a command; `self.changes` are then its changes, and none if it was refused.
    pub fn run(
        &mut self,
        command: &Command,
        new_id: &mut dyn FnMut() -> BookingId,
    ) -> Result<Outcome, Refusal> {
        self.changes.clear();
        match command {
            Command::Book { booking, user, selection } => self.book(*booking, *user, selection),
            Command::Leave { booking } if !self.seats_of(*booking).is_empty() => Err(Refusal::NotWaiting),
            Command::Cancel { booking } | Command::Leave { booking } => Ok(self.cancel(*booking, new_id)),
            Command::Serve { .. } | Command::Promote { .. } if self.terms.deleted => Err(Refusal::Deleted),
            // People may serve an event that has begun, but none that was cancelled or is over.
            Command::Serve { by_hand: true } | Command::Promote { .. } if !self.terms.is_live() => {
                Err(Refusal::Closed)
            }
            Command::Serve { by_hand: false } if !self.is_open() => Err(Refusal::Closed),
            Command::Serve { .. } => {
                let before = self.line.clone();
                self.serve_line(None, new_id);
                Ok(self.served(&before))
            }
            Command::Promote { booking } => self.promote(*booking),
            Command::CancelSeats { booking, seats } => Ok(self.cancel_seats(*booking, seats, new_id)),
            Command::Move { booking, seats } => self.move_to(*booking, seats),
            Command::Amend(amendment) => self.amend(amendment, new_id),
        }
    }

    pub fn free(&self) -> Vec<SeatNo> {
        (1..=self.terms.capacity).filter(|seat| !self.taken.contains_key(seat)).collect()
    }

    pub fn seats_of(&self, booking: BookingId) -> Vec<SeatNo> {
        self.taken.iter().filter(|(_, (holder, _))| *holder == booking).map(|(seat, _)| *seat).collect()
    }

    fn place_of(&self, booking: BookingId) -> Option<usize> {
        self.line.iter().position(|party| party.booking == booking)
    }

    /// Those who wait get seats before the start, and after it for as long as those who come do.
    fn is_open(&self) -> bool {
        self.is_on_sale() || self.terms.is_live() && self.context.now < self.terms.starts_at
    }

    /// Until the start, or until the hour that the organizer says.
    fn is_on_sale(&self) -> bool {
        let closes_at = self.terms.bookings_close_at.unwrap_or(self.terms.starts_at);
        self.terms.is_live() && self.context.now < closes_at
    }

    /// Of one booking, if the event's own limit counts, or the lower one of the installation.
    fn must_be_few(&self, seats: usize, own: Option<u32>) -> Result<(), Refusal> {
        let limit = self.context.limits.seats_per_booking.min(own.unwrap_or(u32::MAX));
        if seats > limit as usize { Err(Refusal::TooManySeats { limit }) } else { Ok(()) }
    }

    fn book(
        &mut self,
        booking: BookingId,
        user: UserId,
        selection: &SeatSelection,
    ) -> Result<Outcome, Refusal> {
        if self.terms.deleted {
            return Err(Refusal::Deleted);
        }
        if !self.is_on_sale() {
            return Err(Refusal::Closed);
        }
        if self.terms.sales_paused {
            return Err(Refusal::SalesPaused);
        }
        let capacity = self.terms.capacity;
        let free = self.free();
        // Who comes does not go before somebody who could be served whole now.
        let may_take = self.may_take(self.line.len()) && !self.owes_service();
        let wanted = match selection {
            SeatSelection::Any(any) if any.count == 0 || any.count > capacity => {
                return Err(Refusal::SeatCount { capacity });
            }
            SeatSelection::Any(any) => any.count as usize,
            SeatSelection::Named(named) => named.len(),
        };
        self.must_be_few(wanted, self.terms.max_seats)?;
        let seats: Vec<SeatNo> = match selection {
            SeatSelection::Any(any) => match pick(&free, any).filter(|_| may_take) {
                Some(seats) => seats,
                None if any.adjacent == Adjacent::Required => {
                    return Err(Refusal::NotAdjacent { count: any.count });
                }
                None => return self.wait(booking, user, any.count),
            },
            SeatSelection::Named(named) => {
                let wanted: BTreeSet<SeatNo> = named.iter().copied().collect();
                let exist = wanted.iter().all(|seat| (1..=capacity).contains(seat));
                if wanted.is_empty() || wanted.len() < named.len() || !exist {
                    return Err(Refusal::SeatNumbers { capacity });
                }
                let unavailable: Seats =
                    wanted.iter().copied().filter(|seat| !may_take || !free.contains(seat)).collect();
                if !unavailable.is_empty() {
                    return Err(Refusal::SeatsConflict { unavailable });
                }
                wanted.into_iter().collect()
            }
        };
        let pass = self.pass(self.line.len(), self.next_number);
        self.seat(booking, user, &seats);
        let seats = Seats::from_vec(seats);
        self.changes.push(Change::Booked { booking, user, seats: seats.clone(), pass });
        Ok(Outcome::Confirmed { seats })
    }

    fn wait(&mut self, booking: BookingId, user: UserId, seats: u32) -> Result<Outcome, Refusal> {
        if self.terms.waitlist_limit.is_some_and(|limit| self.line.len() >= limit as usize) {
            return Err(Refusal::SoldOut);
        }
        let ahead = u32::try_from(self.line.len()).expect("a short line");
        if let Some(limit) = self.context.limits.parties.filter(|limit| ahead >= *limit) {
            return Err(Refusal::WaitlistFull { waiting: ahead, limit });
        }
        let own = self.line.iter().filter(|party| party.user == user).count();
        let waiting = u32::try_from(own).expect("a short line");
        if let Some(limit) = self.context.limits.parties_of_one.filter(|limit| waiting >= *limit) {
            return Err(Refusal::TooManyParties { waiting, limit });
        }
        let number = self.next_number;
        self.next_number += 1;
        self.line.push(Waiting { number, booking, user, seats, passed: 0, is_rest: false });
        self.changes.push(Change::Waitlisted { booking, user, number, ahead, seats });
        Ok(Outcome::Waiting { number, place: ahead + 1, seats })
    }

    fn cancel(&mut self, booking: BookingId, new_id: &mut dyn FnMut() -> BookingId) -> Outcome {
        let held = self.seats_of(booking);
        if !held.is_empty() {
            return match self.give_back(booking, held, new_id) {
                Outcome::SeatsCancelled { freed, lessened } => Outcome::Cancelled { freed, lessened },
                other => other,
            };
        }
        let Some(place) = self.place_of(booking) else {
            return Outcome::AlreadyCancelled;
        };
        let Waiting { number, user, seats, .. } = self.line.remove(place);
        let ahead = u32::try_from(place).expect("a short line");
        self.changes.push(Change::LeftWaitlist { booking, user, number, ahead, seats });
        self.serve(new_id);
        Outcome::Cancelled { freed: Seats::new(), lessened: Vec::new() }
    }

    fn cancel_seats(
        &mut self,
        booking: BookingId,
        named: &[SeatNo],
        new_id: &mut dyn FnMut() -> BookingId,
    ) -> Outcome {
        let own: Vec<SeatNo> =
            self.seats_of(booking).into_iter().filter(|seat| named.contains(seat)).collect();
        if own.is_empty() {
            return Outcome::SeatsCancelled { freed: Seats::new(), lessened: Vec::new() };
        }
        self.give_back(booking, own, new_id)
    }

    /// Frees seats of a confirmed booking; the same commit serves the line.
    fn give_back(
        &mut self,
        booking: BookingId,
        freed: Vec<SeatNo>,
        new_id: &mut dyn FnMut() -> BookingId,
    ) -> Outcome {
        let (_, user) = self.taken[&freed[0]];
        for seat in &freed {
            self.taken.remove(seat);
        }
        let kept = u32::try_from(self.seats_of(booking).len()).expect("few seats");
        let seats = Seats::from_vec(freed);
        let freed = seats.clone();
        self.changes.push(if kept == 0 {
            Change::Cancelled { booking, user, seats }
        } else {
            Change::SeatsCancelled { booking, user, seats, kept }
        });
        let before = self.line.clone();
        self.lessen(user, freed.len());
        if self.is_open() {
            self.serve_line(Some(user), new_id);
        }
        // A party that got seats instead waits for less too, but that is not what is asked.
        let mut lessened: Vec<Lessened> = Vec::new();
        for party in before {
            let less = |change: &Change| match *change {
                Change::Lessened { booking, by, rest, .. } if booking == party.booking => Some((by, rest)),
                _ => None,
            };
            let all: Vec<(u32, u32)> = self.changes.iter().filter_map(less).collect();
            if let Some(&(_, rest)) = all.last() {
                let by = all.iter().map(|(by, _)| by).sum();
                lessened.push(Lessened { booking: party.booking, by, rest });
            }
        }
        Outcome::SeatsCancelled { freed, lessened }
    }

    /// Seat by seat: each one that a person gives back is one less that what is left of their parties waits for. What is
    /// left of the head's party waits for nothing any more as soon as the line is served.
    fn lessen(&mut self, user: UserId, given: usize) {
        let before = self.line.clone();
        let leaves = self.head().map(|head| head.booking).filter(|_| self.is_open());
        for _ in 0..given {
            let is_theirs = |party: &&mut Waiting| party.user == user && party.is_rest && party.seats > 0;
            if let Some(party) = self.line.iter_mut().find(is_theirs) {
                party.seats -= 1;
            }
        }
        for was in before {
            let place = self.place_of(was.booking).expect("in line");
            if leaves == Some(was.booking) {
                self.line[place].seats = was.seats;
                continue;
            }
            let rest = self.line[place].seats;
            if rest < was.seats {
                self.line[place].seats = was.seats;
                self.lessen_to(place, rest);
            }
        }
    }

    fn lessen_to(&mut self, place: usize, rest: u32) {
        let Waiting { number, booking, user, seats, .. } = self.line[place];
        let ahead = u32::try_from(place).expect("a short line");
        self.changes.push(Change::Lessened { booking, user, number, ahead, by: seats - rest, rest });
        if rest == 0 {
            self.line.remove(place);
        } else {
            self.line[place].seats = rest;
        }
    }

    /// The seats that it gives up are as if free for it; nobody else gets any.
    fn move_to(&mut self, booking: BookingId, named: &[SeatNo]) -> Result<Outcome, Refusal> {
        if self.terms.deleted {
            return Err(Refusal::Deleted);
        }
        let from = self.seats_of(booking);
        if from.is_empty() {
            return Err(Refusal::NotConfirmed);
        }
        if !self.terms.is_live() {
            return Err(Refusal::Closed);
        }
        self.must_be_few(named.len(), None)?;
        let capacity = self.terms.capacity;
        let to: BTreeSet<SeatNo> = named.iter().copied().collect();
        if to.is_empty() || to.len() < named.len() || to.iter().any(|seat| *seat == 0 || *seat > capacity) {
            return Err(Refusal::SeatNumbers { capacity });
        }
        if to.len() != from.len() {
            let count = |seats: usize| u32::try_from(seats).expect("few seats");
            return Err(Refusal::MovedCount { held: count(from.len()), named: count(to.len()) });
        }
        let (_, user) = self.taken[&from[0]];
        let is_anothers = |seat: &SeatNo| self.taken.get(seat).is_some_and(|(holder, _)| *holder != booking);
        let unavailable: Seats = to.iter().copied().filter(is_anothers).collect();
        if !unavailable.is_empty() {
            return Err(Refusal::SeatsConflict { unavailable });
        }
        let to: Vec<SeatNo> = to.into_iter().collect();
        self.taken.retain(|_, (holder, _)| *holder != booking);
        self.seat(booking, user, &to);
        let (from, to) = (Seats::from_vec(from), Seats::from_vec(to));
        if from != to {
            self.changes.push(Change::Moved { booking, user, from: from.clone(), to: to.clone() });
        }
        Ok(Outcome::Moved { from, to })
    }

    fn amend(
        &mut self,
        amendment: &Amendment,
        new_id: &mut dyn FnMut() -> BookingId,
    ) -> Result<Outcome, Refusal> {
        if self.terms.deleted {
            return Err(Refusal::Deleted);
        }
        let from = self.terms.clone();
        let mut to = from.clone();
        to.capacity = amendment.capacity.unwrap_or(to.capacity);
        to.status = amendment.status.unwrap_or(to.status);
        to.starts_at = amendment.starts_at.unwrap_or(to.starts_at);
        to.bookings_close_at = amendment.bookings_close_at.unwrap_or(to.bookings_close_at);
        to.policy = amendment.policy.unwrap_or(to.policy);
        to.bypass_limit = amendment.bypass_limit.unwrap_or(to.bypass_limit);
        to.waitlist_limit = amendment.waitlist_limit.unwrap_or(to.waitlist_limit);
        to.max_seats = amendment.max_seats.unwrap_or(to.max_seats);
        to.sales_paused = amendment.sales_paused.unwrap_or(to.sales_paused);
        to.deleted = amendment.delete;
        if to.capacity == 0 || to.capacity > MAX_CAPACITY {
            return Err(Refusal::Capacity { max: MAX_CAPACITY });
        }
        match self.taken.last_key_value() {
            Some((&highest, _)) if highest > to.capacity => {
                return Err(Refusal::CapacityBelowBooked { highest });
            }
            _ => {}
        }
        let (was_open, head) = (self.is_open(), self.head().cloned());
        self.terms = to.clone();
        self.changes.push(Change::Amended { from: from.clone(), to: to.clone() });
        let more_seats = to.capacity > from.capacity;
        let other_order = to.policy != from.policy || to.bypass_limit != from.bypass_limit;
        let reopened = self.is_open() && !was_open;
        // Who wanted more than there is now has made way.
        let other_head = self.head() != head.as_ref();
        if more_seats || other_order || reopened || other_head {
            self.serve(new_id);
        }
        Ok(Outcome::Amended { terms: to })
    }

    /// Whether the event has as many seats as the party wants. Others stand in nobody's way.
    pub fn could_hold(&self, party: &Waiting) -> bool {
        party.seats <= self.terms.capacity
    }

    pub fn head(&self) -> Option<&Waiting> {
        self.line.iter().find(|party| self.could_hold(party))
    }

    /// Whether seats may go to the party at `place`: nobody ahead may thereby be passed too often.
    fn may_take(&self, place: usize) -> bool {
        let may_be_passed =
            |party: &Waiting| !self.could_hold(party) || party.passed < self.terms.bypass_limit;
        self.terms.policy == WaitlistPolicy::Split || self.line[..place].iter().all(may_be_passed)
    }

    /// The party at `place` with `number` takes seats: all before are passed, if that is one whom it hurts.
    fn pass(&mut self, place: usize, number: u64) -> Option<Pass> {
        let head = self.line[..place].iter().position(|party| self.could_hold(party));
        if self.terms.policy == WaitlistPolicy::Split || head.is_none() {
            return None;
        }
        for party in &mut self.line[..place] {
            party.passed += 1;
        }
        let head = &self.line[head?];
        Some(Pass {
            head: head.booking,
            head_seats: head.seats,
            count: head.passed,
            limit: self.terms.bypass_limit,
            before: number,
        })
    }

    /// The place of the party that is served next with what is free.
    fn next(&self) -> Option<usize> {
        let free = self.free().len();
        let place = match self.terms.policy {
            WaitlistPolicy::Split if free == 0 => None,
            WaitlistPolicy::Split => self.line.iter().position(|party| self.could_hold(party)),
            // What is left of a party that was parted already takes what there is.
            WaitlistPolicy::Whole if free > 0 && self.head().is_some_and(|head| head.is_rest) => {
                self.line.iter().position(|party| self.could_hold(party))
            }
            WaitlistPolicy::Whole => self.line.iter().position(|party| party.seats as usize <= free),
        };
        place.filter(|place| self.may_take(*place))
    }

    /// Whether somebody in line could be served whole now.
    pub fn owes_service(&self) -> bool {
        let fits = |place: usize| self.line[place].seats as usize <= self.free().len();
        self.is_open() && self.next().is_some_and(fits)
    }

    /// The end of a commit: passes are forgotten that do not count for the head.
    pub fn settle(&mut self) {
        let counting = self.head().map_or(0, |head| head.passed);
        let ahead = self.head().map_or(self.line.len(), |head| self.place_of(head.booking).expect("in line"));
        for party in &mut self.line[..ahead] {
            party.passed = counting;
        }
    }

    /// Serves the line with all that is free, at an event that gives seats at all.
    fn serve(&mut self, new_id: &mut dyn FnMut() -> BookingId) {
        if self.is_open() {
            self.serve_line(None, new_id);
        }
    }

    /// What is left of the giver's parties leaves the line when its turn comes.
    fn serve_line(&mut self, giver: Option<UserId>, new_id: &mut dyn FnMut() -> BookingId) {
        let mut served = 0;
        while let Some(place) = self.next() {
            let free = self.free();
            let Waiting { number, booking: waiting, user, seats: wanted, is_rest, .. } = self.line[place];
            if is_rest && giver == Some(user) {
                self.lessen_to(place, 0);
                continue;
            }
            // One decision does not give too many, but it cuts no party short.
            let fits = wanted as usize <= free.len();
            if served > 0 && fits && served + wanted > self.context.limits.seats_at_once {
                return;
            }
            served += wanted.min(u32::try_from(free.len()).expect("few seats"));
            let pass = self.pass(place, number);
            let seats: Vec<SeatNo> = free.into_iter().take(wanted as usize).collect();
            let rest = wanted - u32::try_from(seats.len()).expect("few seats");
            let booking = if rest == 0 { waiting } else { new_id() };
            if rest == 0 {
                self.line.remove(place);
            } else {
                self.line[place].seats = rest;
                self.line[place].is_rest = true;
            }
            self.seat(booking, user, &seats);
            let ahead = u32::try_from(place).expect("a short line");
            let seats = Seats::from_vec(seats);
            self.changes.push(Change::Promoted { waiting, booking, user, number, ahead, seats, rest, pass });
        }
    }

    /// Out of turn, and nobody counts as passed.
    fn promote(&mut self, booking: BookingId) -> Result<Outcome, Refusal> {
        let place = self.place_of(booking).ok_or(Refusal::NotWaiting)?;
        let Waiting { number, user, seats: wanted, .. } = self.line[place];
        let free = self.free();
        if free.len() < wanted as usize {
            let free = u32::try_from(free.len()).expect("few seats");
            return Err(Refusal::NotEnoughSeats { wanted, free });
        }
        let before = self.line.clone();
        self.line.remove(place);
        let seats: Vec<SeatNo> = free.into_iter().take(wanted as usize).collect();
        self.seat(booking, user, &seats);
        let (seats, ahead) = (Seats::from_vec(seats), u32::try_from(place).expect("a short line"));
        let (waiting, rest, pass) = (booking, 0, None);
        self.changes.push(Change::Promoted { waiting, booking, user, number, ahead, seats, rest, pass });
        Ok(self.served(&before))
    }

    /// Each with its place in the line as it was before.
    fn served(&self, before: &[Waiting]) -> Outcome {
        let served = |change: &Change| match change.clone() {
            Change::Promoted { waiting, booking, user, seats, rest, pass, .. } => {
                let place = before.iter().position(|party| party.booking == waiting).expect("in line");
                let place = u32::try_from(place + 1).expect("a short line");
                Served { waiting, booking, user, place, seats, rest, passes_head: pass.is_some() }
            }
            other => panic!("serving only promotes: {other:?}"),
        };
        Outcome::Served { parties: self.changes.iter().map(served).collect() }
    }

    fn seat(&mut self, booking: BookingId, user: UserId, seats: &[SeatNo]) {
        for seat in seats {
            assert!(self.taken.insert(*seat, (booking, user)).is_none(), "the model books no seat twice");
        }
    }
}
