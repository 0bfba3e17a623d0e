//! One event, run by the rules, by the model, by a follower that only hears of the changes, and by one that was restored
//! from the rows of the last commit; and what must hold after each command.

use super::model::Model;
use super::steps::Step;
use super::{booking, ids_from, now};
use crate::booking::WaitlistPolicy;
use crate::booking::{Change, Command, Context, EventState, Limits, Outcome, Party, Refusal, SeatNo, Terms};
use crate::id::BookingId;
use std::collections::{BTreeMap, BTreeSet};

/// All that can be seen of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    terms: Terms,
    version: u64,
    capacity: u32,
    free: u32,
    taken: Vec<SeatNo>,
    lowest_free: Option<Vec<SeatNo>>,
    holders: BTreeMap<BookingId, Vec<SeatNo>>,
    line: Vec<(u32, Party)>,
    next_number: u64,
    passes: Vec<u64>,
    rests: Vec<u64>,
}

pub fn digest(state: &EventState, known: &[BookingId]) -> Digest {
    let seats = state.seats();
    let held = |id: &BookingId| Some((*id, state.seats_of(*id)?.to_vec()));
    let place = |party: &Party| (state.waitlist().ahead_of(party.booking).expect("in line"), *party);
    Digest {
        terms: state.terms().clone(),
        version: state.version(),
        capacity: seats.capacity(),
        free: seats.free(),
        taken: seats.taken_seats().collect(),
        lowest_free: seats.lowest_free(seats.free()).map(|free| free.to_vec()),
        holders: known.iter().filter_map(held).collect(),
        line: state.waitlist().iter().map(place).collect(),
        next_number: state.next_number(),
        passes: state.passes().to_vec(),
        rests: state.rests(),
    }
}

/// A command that was decided since the last commit: the state before it, and what it changed.
struct Decided {
    before: Digest,
    changes: Vec<Change>,
}

pub struct World {
    state: EventState,
    model: Model,
    follower: EventState,
    restored: EventState,
    known: Vec<BookingId>,
    next: u128,
    open: Vec<Decided>,
    /// By observation of the changes alone: what each waiting party wants, and how often it was passed under `whole`.
    passed: BTreeMap<u64, (u32, u32)>,
    context: Context,
}

impl World {
    pub fn new(terms: &Terms, limits: Limits) -> Self {
        let context = Context { now: now(), limits };
        Self {
            context,
            state: EventState::new(terms.clone()),
            model: Model::new(terms.clone(), context),
            follower: EventState::new(terms.clone()),
            restored: EventState::new(terms.clone()),
            known: Vec::new(),
            next: 1,
            open: Vec::new(),
            passed: BTreeMap::new(),
        }
    }

    pub fn step(&mut self, step: &Step) {
        match step.command(self.next, &self.known, |id| self.model.seats_of(id)) {
            Some(command) => self.command(&command),
            None => self.settle(),
        }
    }

    fn command(&mut self, command: &Command) {
        let before = self.digest();
        let owed = self.state.owes_service(now());
        let terms = self.state.terms().clone();
        let first = self.next + 1;
        let mut changes = Vec::new();
        let result = self.state.decide(command, &self.context, &mut changes, &mut ids_from(first));

        let expected = self.model.run(command, &mut ids_from(first));
        assert_eq!((&result, &changes), (&expected, &self.model.changes), "{command:?} on {before:#?}");

        let mut again = Vec::new();
        let restored = self.restored.decide(command, &self.context, &mut again, &mut ids_from(first));
        assert_eq!((&restored, &again), (&result, &changes), "a restored state decides the same");

        self.learn(&changes);
        self.observe_passes(command, &terms, &changes);
        self.check_result(&result, &before, &changes);
        for change in &changes {
            self.follower.apply(change);
        }
        self.check_served(command, &result, owed, &changes);
        self.open.push(Decided { before, changes });
        self.check_seats();
        self.check_model();
        assert_eq!(digest(&self.follower, &self.known), self.digest(), "a follower of the changes is equal");
    }

    /// The end of a commit. Whatever is decided since the last one is first taken back, newest first, and done again.
    pub fn settle(&mut self) {
        let after = self.digest();
        for decided in self.open.iter().rev() {
            decided.changes.iter().rev().for_each(|change| self.state.revert(change));
            assert_eq!(self.digest(), decided.before, "reverting gives the state before");
        }
        for decided in self.open.drain(..) {
            decided.changes.iter().for_each(|change| self.state.apply(change));
        }
        assert_eq!(self.digest(), after, "and doing it again the state after");

        // What a commit stores of the passes are those before it settled.
        let stored = self.state.passes().to_vec();
        let version = self.state.version() + 1;
        self.state.settle(version);
        self.follower.settle(version);
        self.model.settle();
        self.settle_passed();
        let counting = self.model.head().map_or(0, |head| head.passed);
        assert_eq!(
            self.state.passes().len(),
            counting as usize,
            "passes that count for nobody are forgotten"
        );
        self.restored = self.restore(stored);
        assert_eq!(self.restored.passes(), self.state.passes(), "what counts for nobody is not read");
        let mut settled = self.restored.clone();
        settled.settle(version);
        assert_eq!(digest(&settled, &self.known), self.digest(), "the rows give the state");
        assert_eq!(self.restored.head_passed(), self.state.head_passed());
        let exact = self.restore(self.state.passes().to_vec());
        assert_eq!(digest(&exact, &self.known), self.digest(), "and so do the passes that still count");
    }

    fn restore(&self, passes: Vec<u64>) -> EventState {
        // In the order of a table: none.
        let booked = self.model.taken.iter().rev().map(|(seat, (id, user))| (*id, *user, *seat));
        let waiting = self.state.waitlist().iter().copied();
        let (version, next) = (self.state.version(), self.state.next_number());
        EventState::restore(
            self.state.terms().clone(),
            version,
            next,
            passes,
            self.state.rests(),
            booked,
            waiting,
        )
        .expect("sound rows")
    }

    fn digest(&self) -> Digest {
        digest(&self.state, &self.known)
    }

    fn learn(&mut self, changes: &[Change]) {
        self.next += 1;
        for change in changes {
            let (Change::Booked { booking: id, .. }
            | Change::Waitlisted { booking: id, .. }
            | Change::Promoted { booking: id, .. }) = change
            else {
                continue;
            };
            if !self.known.contains(id) {
                self.known.push(*id);
                while booking(self.next) <= *id {
                    self.next += 1;
                }
            }
        }
    }

    fn check_result(&self, result: &Result<Outcome, Refusal>, before: &Digest, changes: &[Change]) {
        let nothing = matches!(result, Err(_) | Ok(Outcome::AlreadyCancelled))
            || matches!(result, Ok(Outcome::SeatsCancelled { freed, .. }) if freed.is_empty())
            || matches!(result, Ok(Outcome::Served { parties }) if parties.is_empty())
            || matches!(result, Ok(Outcome::Moved { from, to }) if from == to);
        assert_eq!(nothing, changes.is_empty(), "{result:?}");
        if nothing {
            assert_eq!(&self.digest(), before, "a refusal changes nothing");
        }
    }

    fn check_seats(&self) {
        let digest = self.digest();
        let held: Vec<SeatNo> = digest.holders.values().flatten().copied().collect();
        let distinct: BTreeSet<SeatNo> = held.iter().copied().collect();
        assert_eq!(held.len(), distinct.len(), "no seat twice");
        assert_eq!(distinct.into_iter().collect::<Vec<_>>(), digest.taken, "every taken seat has a holder");
        assert_eq!(
            held.len() as u64 + u64::from(digest.free),
            u64::from(digest.capacity),
            "booked + free = capacity"
        );
        assert_eq!(digest.capacity, digest.terms.capacity);
        assert!(digest.holders.values().all(|seats| seats.is_sorted()), "seats are told ascending");
    }

    fn check_model(&self) {
        let taken: Vec<SeatNo> = self.model.taken.keys().copied().collect();
        assert_eq!(self.state.seats().taken_seats().collect::<Vec<_>>(), taken);
        for id in &self.known {
            let seats = self.state.seats_of(*id).map(|seats| seats.to_vec()).unwrap_or_default();
            assert_eq!(seats, self.model.seats_of(*id));
        }
        let line: Vec<Party> = self.state.waitlist().iter().copied().collect();
        let expected = self.model.line.iter().map(|party| Party {
            number: party.number,
            booking: party.booking,
            user: party.user,
            seats: party.seats,
        });
        assert_eq!(line, expected.collect::<Vec<_>>());
        assert_eq!(self.state.next_number(), self.model.next_number);
        for party in &self.model.line {
            let counted = self.state.passes().iter().filter(|before| **before > party.number).count();
            assert_eq!(counted, party.passed as usize, "passes of {party:?}");
            assert_eq!(self.passed.get(&party.number), Some(&(party.seats, party.passed)));
            assert_eq!(self.state.rests().contains(&party.number), party.is_rest);
        }
    }

    /// Nobody is left waiting for what they could have.
    fn check_served(
        &self,
        command: &Command,
        result: &Result<Outcome, Refusal>,
        owed: bool,
        changes: &[Change],
    ) {
        let terms = self.state.terms();
        let free = self.state.seats().free();
        let promoted = changes.iter().filter_map(|change| match change {
            Change::Promoted { seats, .. } => Some(seats.len()),
            _ => None,
        });
        let promotions: Vec<usize> = promoted.collect();
        let by_hand = matches!(command, Command::Promote { .. } | Command::Serve { by_hand: true });
        if !terms.is_open(now()) {
            assert!(by_hand || promotions.is_empty(), "nobody is promoted at an event that gives no seats");
            return;
        }
        assert_eq!(self.state.owes_service(now()), self.model.owes_service());
        let Some(head) = self.state.head() else {
            assert!(promotions.is_empty() || !self.state.owes_service(now()));
            return;
        };
        if self.state.owes_service(now()) {
            assert!(!matches!(result, Ok(Outcome::Confirmed { .. })), "nobody comes before whom it is owed");
            let most = self.context.limits.seats_at_once as usize;
            let given: usize = promotions.iter().sum();
            let next = self.model.line.iter().map(|party| party.seats as usize).max().unwrap_or(0);
            assert!(owed && given == 0 || given + next > most, "served as far as one decision may");
            return;
        }
        let promoted_by_hand = matches!(command, Command::Promote { .. });
        let came_free = matches!(result, Ok(Outcome::Cancelled { .. }))
            || matches!(result, Ok(Outcome::Served { .. })) && !promoted_by_hand
            || matches!(result, Ok(Outcome::SeatsCancelled { freed, .. }) if !freed.is_empty());
        match terms.policy {
            WaitlistPolicy::Split => assert!(!came_free || free == 0, "the head gets all that comes free"),
            WaitlistPolicy::Whole => assert!(head.seats > free, "the head fits and still waits"),
        }
    }

    fn observe_passes(&mut self, command: &Command, before: &Terms, changes: &[Change]) {
        let mut terms = before.clone();
        let by_hand = matches!(command, Command::Promote { .. });
        for change in changes {
            let (taker, passed_on) = match change {
                Change::Booked { .. } => (u64::MAX, true),
                Change::Promoted { number, .. } => (*number, !by_hand),
                _ => (0, false),
            };
            if passed_on && terms.policy == WaitlistPolicy::Whole {
                let is_head = |wanted: &u32| *wanted <= terms.capacity;
                if self.passed.range(..taker).any(|(_, (wanted, _))| is_head(wanted)) {
                    for (_, (wanted, count)) in self.passed.range_mut(..taker) {
                        *count += 1;
                        let is_rare = *count <= terms.bypass_limit;
                        assert!(is_rare || !is_head(wanted), "passed more often than {}", terms.bypass_limit);
                    }
                }
            }
            match change {
                Change::Waitlisted { number, seats, .. } => drop(self.passed.insert(*number, (*seats, 0))),
                Change::Promoted { number, rest: 0, .. }
                | Change::Lessened { number, rest: 0, .. }
                | Change::LeftWaitlist { number, .. } => {
                    self.passed.remove(number);
                }
                Change::Promoted { number, rest, .. } | Change::Lessened { number, rest, .. } => {
                    self.passed.entry(*number).and_modify(|(wanted, _)| *wanted = *rest);
                }
                Change::Amended { to, .. } => terms = to.clone(),
                _ => {}
            }
        }
    }

    /// As the rules say it: a pass is kept as long as it counts for the head.
    fn settle_passed(&mut self) {
        let capacity = self.state.terms().capacity;
        let head = self.passed.iter().find(|(_, (wanted, _))| *wanted <= capacity);
        let (head, counting) = head.map_or((u64::MAX, 0), |(number, (_, count))| (*number, *count));
        for (_, (_, count)) in self.passed.range_mut(..head) {
            *count = counting;
        }
    }
}
