//! What a commit did to an event, as it is published to those who watch: made from the changes that the rules decided.

use happening_core::booking::{Change, without};
use happening_core::id::EventId;
use happening_core::wire::{EventFigures, EventStatus, LiveMessage};
use serde::{Deserialize, Serialize};

/// One commit on one event. Also what daemons send each other, so fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The event.
    pub event: EventId,
    /// The version that the commit made.
    pub version: u64,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// Seats that exist afterwards.
    pub total: u32,
    /// Seats that nobody has afterwards.
    pub available: u32,
    /// Parties that wait afterwards.
    pub waiting: u32,
    /// Whether new bookings are refused for the time being.
    #[serde(default)]
    pub sales_paused: bool,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Seats were booked.
    Booked(Vec<u32>),
    /// Seats came free: given back, or added to the event.
    Freed(Vec<u32>),
    /// Free seats were taken out of the event.
    Withdrawn(Vec<u32>),
    /// A waiting party got the seats.
    Promoted {
        /// The seats.
        seats: Vec<u32>,
        /// The party's place in line at that moment, 1 for the first.
        number: u64,
        /// Seats that it still waits for.
        rest: u32,
    },
    /// The event itself changed.
    Changed(EventStatus),
    /// The event is gone.
    Deleted,
}

/// The steps of a commit's changes. Who joins or leaves the waitlist moves the figures only.
pub fn steps(changes: &[Change]) -> Vec<Step> {
    changes.iter().flat_map(steps_of).flatten().collect()
}

fn steps_of(change: &Change) -> [Option<Step>; 2] {
    match change {
        Change::Booked { seats, .. } => [Some(Step::Booked(seats.to_vec())), None],
        Change::Cancelled { seats, .. } | Change::SeatsCancelled { seats, .. } => {
            [Some(Step::Freed(seats.to_vec())), None]
        }
        Change::Promoted { seats, ahead, rest, .. } => {
            let number = u64::from(*ahead) + 1;
            [Some(Step::Promoted { seats: seats.to_vec(), number, rest: *rest }), None]
        }
        Change::Moved { from, to, .. } => [
            Some(Step::Freed(without(from, to).into_vec())),
            Some(Step::Booked(without(to, from).into_vec())),
        ],
        Change::Waitlisted { .. } | Change::LeftWaitlist { .. } | Change::Lessened { .. } => [None, None],
        Change::Amended { from, to } => {
            let resized = match from.capacity.cmp(&to.capacity) {
                std::cmp::Ordering::Less => Some(Step::Freed((from.capacity + 1..=to.capacity).collect())),
                std::cmp::Ordering::Equal => None,
                std::cmp::Ordering::Greater => {
                    Some(Step::Withdrawn((to.capacity + 1..=from.capacity).collect()))
                }
            };
            let published = if to.deleted { Step::Deleted } else { Step::Changed(to.status) };
            [resized, Some(published)]
        }
    }
}

impl Commit {
    /// What is published of it, in order; the figures last.
    pub fn messages(&self) -> Vec<LiveMessage> {
        let mut messages = Vec::with_capacity(self.steps.len() + 1);
        for step in &self.steps {
            self.step_messages(step, &mut messages);
        }
        messages.push(LiveMessage::Figures(EventFigures {
            event_id: self.event,
            version: self.version,
            total: Some(self.total),
            available: self.available,
            waiting: self.waiting,
        }));
        messages
    }

    fn step_messages(&self, step: &Step, messages: &mut Vec<LiveMessage>) {
        let (event_id, version) = (self.event, self.version);
        let (mut booked, mut freed, mut withdrawn) = (Vec::new(), Vec::new(), Vec::new());
        match step {
            Step::Booked(seats) | Step::Promoted { seats, .. } => booked.clone_from(seats),
            Step::Freed(seats) => freed.clone_from(seats),
            Step::Withdrawn(seats) => withdrawn.clone_from(seats),
            Step::Changed(status) => {
                let (status, total, sales_paused) = (*status, self.total, self.sales_paused);
                messages.push(LiveMessage::Changed { event_id, version, status, total, sales_paused });
                return;
            }
            Step::Deleted => return messages.push(LiveMessage::Deleted { event_id, version }),
        }
        messages.push(LiveMessage::Seats { event_id, version, booked, freed, withdrawn });
        if let Step::Promoted { seats, number, rest } = step {
            let (seats, waiting_number, rest) = (seats.clone(), *number, *rest);
            messages.push(LiveMessage::Promotion { event_id, version, seats, waiting_number, rest });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use happening_core::booking::{
        Amendment, AnySeats, Command, Context, EventState, Limits, SeatSelection, Terms,
    };
    use happening_core::id::{BookingId, UserId};
    use uuid::Uuid;

    /// An event with some seats, and what is published of each command on it.
    struct Published {
        state: EventState,
        next: u128,
    }

    impl Published {
        fn new(seats: u32) -> Self {
            Self { state: EventState::new(Terms::upcoming(seats, chrono::DateTime::UNIX_EPOCH)), next: 1_000 }
        }

        fn after(&mut self, command: &Command) -> Vec<Step> {
            let mut changes = Vec::new();
            let next = &mut self.next;
            let mut fresh = || {
                *next += 1;
                BookingId(Uuid::from_u128(*next))
            };
            let now = chrono::DateTime::UNIX_EPOCH - chrono::Duration::days(1);
            let context = Context { now, limits: Limits::default() };
            self.state.decide(command, &context, &mut changes, &mut fresh).expect("decided");
            steps(&changes)
        }

        fn book(&mut self, booking: u128, seats: u32) -> Vec<Step> {
            self.after(&Command::Book {
                booking: BookingId(Uuid::from_u128(booking)),
                user: UserId(Uuid::from_u128(booking)),
                selection: SeatSelection::Any(AnySeats::lowest(seats)),
            })
        }
    }

    #[test]
    fn a_promotion_is_freed_then_booked() {
        let mut published = Published::new(2);
        assert_eq!(published.book(1, 2), [Step::Booked(vec![1, 2])]);
        assert_eq!(published.book(2, 1), [], "who waits takes no seat");
        let steps = published.after(&Command::Cancel { booking: BookingId(Uuid::from_u128(1)) });
        assert_eq!(steps, [Step::Freed(vec![1, 2]), Step::Promoted { seats: vec![1], number: 1, rest: 0 }]);
    }

    #[test]
    fn a_move_frees_what_is_left_then_books_what_is_new() {
        let mut published = Published::new(4);
        published.book(1, 2);
        let steps =
            published.after(&Command::Move { booking: BookingId(Uuid::from_u128(1)), seats: vec![4, 2] });
        assert_eq!(steps, [Step::Freed(vec![1]), Step::Booked(vec![4])]);
    }

    #[test]
    fn new_seats_are_freed_before_they_are_given_to_those_who_wait() {
        let mut published = Published::new(1);
        published.book(1, 1);
        published.book(2, 1);
        let steps = published.after(&Command::Amend(Amendment { capacity: Some(3), ..Amendment::default() }));
        let [Step::Freed(new), rest @ ..] = steps.as_slice() else { panic!("{steps:?}") };
        assert_eq!(new.as_slice(), [2, 3]);
        assert!(rest.contains(&Step::Promoted { seats: vec![2], number: 1, rest: 0 }), "{rest:?}");
        let steps = published.after(&Command::Amend(Amendment { capacity: Some(2), ..Amendment::default() }));
        assert_eq!(steps[0], Step::Withdrawn(vec![3]));
        let gone = published.after(&Command::Amend(Amendment { delete: true, ..Amendment::default() }));
        assert_eq!(gone, [Step::Deleted]);
    }
}
