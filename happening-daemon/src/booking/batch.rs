//! From changes to rows: folds everything that one commit does to a booking or a seat into one row each, because a row
//! cannot be inserted and updated in the same statement.

use super::{Job, texts};
use crate::ids::Ids;
use crate::store::{Actor, AuditEntry, AuditRow, BookingRow, HistoryRow, NotificationRow, SeatRow};
use happening_core::booking::{Change, Command, EventState, Pass, Seats, without};
use happening_core::id::{BookingId, EventId, UserId};
use happening_core::wire::{BookingStatus, NotificationType, SeatStatus};
use std::collections::HashMap;

/// When an event shrinks, so many of those whom it can no longer hold are notified, in line order: one commit must stay
/// small. The others learn it where they ask why they wait.
const OUTGROWN_TOLD: usize = 1_000;

/// The rows of a batch, while it is decided.
#[derive(Default)]
pub(super) struct Rows {
    bookings: HashMap<BookingId, BookingRow>,
    seats: HashMap<(BookingId, u32), SeatRow>,
    history: Vec<HistoryRow>,
    notifications: Vec<NotificationRow>,
    audit: Vec<AuditRow>,
}

/// The rows of a batch, in the store's form.
type BatchRows = (Vec<BookingRow>, Vec<SeatRow>, Vec<HistoryRow>, Vec<NotificationRow>, Vec<AuditRow>);

/// One change with what the rows need beside it.
struct Fact {
    event: EventId,
    actor: Option<UserId>,
    booking: BookingId,
    user: UserId,
    on_behalf: Option<texts::BookerRole>,
}

impl Rows {
    /// The rows, in the store's form.
    pub(super) fn into_parts(self) -> BatchRows {
        (
            self.bookings.into_values().collect(),
            self.seats.into_values().collect(),
            self.history,
            self.notifications,
            self.audit,
        )
    }

    /// Adds a line of the audit log.
    pub(super) fn note(&mut self, event: EventId, line: Option<&(Actor, AuditEntry)>) {
        let row = line.map(|(by, entry)| AuditRow { event, by: by.clone(), entry: entry.clone() });
        self.audit.extend(row);
    }

    /// Adds what a change of this command writes.
    pub(super) fn add(&mut self, job: &Job, change: &Change, ids: &Ids) {
        let (event, actor) = (job.event, job.actor);
        let fact = |booking: &BookingId, user: &UserId| Fact {
            event,
            actor: Some(actor),
            booking: *booking,
            user: *user,
            on_behalf: job.extras.on_behalf,
        };
        match change {
            Change::Booked { booking, user, seats, pass } => {
                self.booked(&fact(booking, user), seats, pass.as_ref(), ids);
            }
            Change::Waitlisted { booking, user, number, ahead, seats } => {
                let fact = fact(booking, user);
                self.booking(&fact, *seats, BookingStatus::Waiting, Some(*number), true);
                self.record(&fact, "waitlisted", *seats, Some(texts::place(*ahead, *number)));
                let place = texts::ordinal(*ahead);
                let seats_wanted = texts::count(*seats);
                let message = match fact.on_behalf {
                    None => format!("You are on the waitlist for {seats_wanted}: number {place}."),
                    Some(role) => format!(
                        "{} put you on the waitlist for {seats_wanted}: number {place}.",
                        role.subject()
                    ),
                };
                self.notify(&fact, NotificationType::BookingWaitlisted, message, *seats, ids);
            }
            Change::Promoted { .. } => {
                // Else the rules did it, by whichever command there was room.
                let by_hand = matches!(job.command, Command::Promote { .. });
                self.promoted(event, by_hand.then_some(actor), change, ids);
            }
            Change::Cancelled { booking, user, seats } => {
                let message = format!("Your booking is cancelled: {}.", texts::seats(seats));
                self.given_back(&fact(booking, user), seats, 0, message, ids);
            }
            Change::SeatsCancelled { booking, user, seats, kept } => {
                let message =
                    format!("You gave back {}; you keep {}.", texts::seats(seats), texts::count(*kept));
                self.given_back(&fact(booking, user), seats, *kept, message, ids);
            }
            Change::LeftWaitlist { booking, user, seats, ahead, .. } => {
                let fact = fact(booking, user);
                self.booking(&fact, *seats, BookingStatus::Cancelled, None, false);
                self.record(&fact, "left_waitlist", *seats, Some(format!("{ahead} were ahead")));
                let message = format!("You left the waitlist for {}.", texts::count(*seats));
                self.notify(&fact, NotificationType::BookingCancelled, message, *seats, ids);
            }
            Change::Lessened { booking, user, number, by, rest, .. } => {
                self.lessened(&fact(booking, user), *number, *by, *rest, ids);
            }
            Change::Moved { booking, user, from, to } => self.moved(&fact(booking, user), from, to, ids),
            Change::Amended { .. } => {}
        }
    }

    fn booked(&mut self, fact: &Fact, seats: &Seats, pass: Option<&Pass>, ids: &Ids) {
        self.booking(fact, len(seats), BookingStatus::Confirmed, None, true);
        self.seat(fact, seats, SeatStatus::Booked);
        self.record(fact, "booked", len(seats), pass.map(texts::pass));
        self.passed(fact.event, pass);
        let seats_given = texts::seats(seats);
        let message = match fact.on_behalf {
            None => format!("Your booking is confirmed: {seats_given}."),
            Some(role) => format!("{} booked for you: {seats_given}.", role.subject()),
        };
        self.notify(fact, NotificationType::BookingConfirmed, message, len(seats), ids);
    }

    fn given_back(&mut self, fact: &Fact, seats: &Seats, kept: u32, message: String, ids: &Ids) {
        if kept == 0 {
            self.booking(fact, len(seats), BookingStatus::Cancelled, None, false);
            self.record(fact, "cancelled", len(seats), None);
        } else {
            self.booking(fact, kept, BookingStatus::Confirmed, None, false);
            self.record(fact, "seats_cancelled", len(seats), Some(format!("keeps {}", texts::count(kept))));
        }
        self.seat(fact, seats, SeatStatus::Cancelled);
        self.notify(fact, NotificationType::BookingCancelled, message, len(seats), ids);
    }

    /// Who gives seats back no longer waits for as many.
    fn lessened(&mut self, fact: &Fact, number: u64, by: u32, rest: u32, ids: &Ids) {
        let kind = if rest == 0 {
            self.booking(fact, by, BookingStatus::Cancelled, None, false);
            self.record(fact, "left_waitlist", by, Some("its person gave seats back".to_owned()));
            NotificationType::BookingCancelled
        } else {
            self.booking(fact, rest, BookingStatus::Waiting, Some(number), false);
            let reason = format!("its person gave seats back, it waits for {}", texts::count(rest));
            self.record(fact, "lessened", by, Some(reason));
            NotificationType::BookingWaitlisted
        };
        let left = if rest == 0 {
            "you left the waitlist".to_owned()
        } else {
            format!("you wait for {}", texts::count(rest))
        };
        let message = format!("You gave seats back, so you wait for {} less: {left}.", texts::count(by));
        self.notify(fact, kind, message, by, ids);
    }

    /// Tells those who wait for more seats than the event has after this change, and did not before.
    pub(super) fn outgrown(
        &mut self,
        event: EventId,
        actor: UserId,
        change: &Change,
        state: &EventState,
        ids: &Ids,
    ) {
        let Change::Amended { from, to } = change else { return };
        if to.capacity >= from.capacity || !to.is_live() {
            return;
        }
        let (now, before) = (to.capacity, from.capacity);
        let outgrown = state.waitlist().iter().filter(|party| (now + 1..=before).contains(&party.seats));
        for party in outgrown.take(OUTGROWN_TOLD) {
            let fact =
                Fact { event, actor: Some(actor), booking: party.booking, user: party.user, on_behalf: None };
            let seats = texts::count(now);
            self.record(&fact, "outgrown", party.seats, Some(format!("the event has {seats}")));
            let wanted = texts::count(party.seats);
            let message = format!(
                "The event has {seats} now, so the {wanted} that you wait for cannot be given. You keep your place \
                 in case it gets more."
            );
            self.notify(&fact, NotificationType::EventUpdated, message, party.seats, ids);
        }
    }

    fn moved(&mut self, fact: &Fact, from: &Seats, to: &Seats, ids: &Ids) {
        self.booking(fact, len(to), BookingStatus::Confirmed, None, false);
        self.seat(fact, &without(from, to), SeatStatus::Cancelled);
        let taken = without(to, from);
        self.seat(fact, &taken, SeatStatus::Booked);
        for seat in taken {
            self.seats.entry((fact.booking, seat)).and_modify(|row| row.may_exist = true);
        }
        let (from, to_words) = (texts::seats(from), texts::seats(to));
        self.record(fact, "moved", len(to), Some(format!("from {from} to {to_words}")));
        let who = if fact.actor == Some(fact.user) { "You moved" } else { "You were moved" };
        let message = format!("{who} from {from}: you have {to_words} now.");
        self.notify(fact, NotificationType::BookingMoved, message, len(to), ids);
    }

    /// `promoter` is who did it out of turn.
    fn promoted(&mut self, event: EventId, promoter: Option<UserId>, change: &Change, ids: &Ids) {
        let Change::Promoted { waiting, booking, user, number, ahead, seats, rest, pass } = change else {
            return;
        };
        let fact = Fact { event, actor: promoter, booking: *booking, user: *user, on_behalf: None };
        self.booking(&fact, len(seats), BookingStatus::Confirmed, None, waiting != booking);
        self.seat(&fact, seats, SeatStatus::Booked);
        let mut reason = texts::place(*ahead, *number);
        if let Some(pass) = pass {
            reason = format!("{reason}; {}", texts::pass(pass));
        }
        if promoter.is_some() {
            reason = format!("{reason}; promoted by hand");
        }
        self.record(&fact, "promoted", len(seats), Some(reason));
        let mut message = format!("Seats came free: you have {}.", texts::seats(seats));
        if *rest > 0 {
            let left = Fact { booking: *waiting, ..fact };
            self.booking(&left, *rest, BookingStatus::Waiting, Some(*number), false);
            let reason = format!("got a part as booking {booking}, waits for {}", texts::count(*rest));
            self.record(&left, "promoted_in_part", len(seats), Some(reason));
            message = format!("{message} You keep your place for {} more.", texts::count(*rest));
        }
        self.passed(event, pass.as_ref());
        self.notify(&fact, NotificationType::WaitlistPromoted, message, len(seats), ids);
    }

    fn passed(&mut self, event: EventId, pass: Option<&Pass>) {
        if let Some(pass) = pass {
            self.history.push(HistoryRow {
                booking: pass.head,
                event,
                actor: None,
                action: "passed",
                seats: pass.head_seats,
                reason: Some(format!("a smaller party fitted: {} of {} times", pass.count, pass.limit)),
            });
        }
    }

    fn booking(
        &mut self,
        fact: &Fact,
        seats: u32,
        status: BookingStatus,
        waiting_number: Option<u64>,
        is_new: bool,
    ) {
        let is_new = is_new || self.bookings.get(&fact.booking).is_some_and(|row| row.is_new);
        let row = BookingRow {
            id: fact.booking,
            event: fact.event,
            user: fact.user,
            seats,
            status,
            waiting_number,
            is_new,
        };
        self.bookings.insert(fact.booking, row);
    }

    fn seat(&mut self, fact: &Fact, seats: &Seats, status: SeatStatus) {
        for &seat in seats {
            let row = self.seats.entry((fact.booking, seat)).or_insert(SeatRow {
                booking: fact.booking,
                event: fact.event,
                seat,
                status,
                is_new: status == SeatStatus::Booked,
                may_exist: false,
            });
            row.status = status;
        }
    }

    fn record(&mut self, fact: &Fact, action: &'static str, seats: u32, reason: Option<String>) {
        let (booking, event, actor) = (fact.booking, fact.event, fact.actor);
        self.history.push(HistoryRow { booking, event, actor, action, seats, reason });
    }

    fn notify(&mut self, fact: &Fact, kind: NotificationType, message: String, seats: u32, ids: &Ids) {
        let (user, event, booking) = (fact.user, fact.event, fact.booking);
        self.notifications.push(NotificationRow {
            id: ids.notification(),
            user,
            event,
            booking,
            kind,
            message,
            seats,
            booked_by: fact.on_behalf.and(fact.actor),
        });
    }
}

fn len(seats: &Seats) -> u32 {
    u32::try_from(seats.len()).unwrap_or(u32::MAX)
}
