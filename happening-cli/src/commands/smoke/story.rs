//! The story, with what should come of each step. Five seats: three and two are booked, two parties wait, the three are
//! given back.

use super::aftermath::{counters_agree, told};
use crate::app::App;
use crate::trial::{Checklist, Mismatch, Stage, Stopped, describe, expect};
use happening_core::client::{Client, ClientError};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    Booking, BookingStatus, BookingsQuery, CancelAnswer, CreateBooking, ErrorCode, Event, EventStatus,
    Health, SeatMap,
};
use std::time::Duration;
use tokio::time::Instant;

const READY: &str = "the daemon is ready";
const PUBLISHED: &str = "an event is published";
const BOOKED: &str = "seats are booked, the lowest first";
const REPEATED: &str = "a request that is repeated is done once";
const MISMATCH: &str = "a key is good for one request only";
const NAMED: &str = "named seats are booked";
const TAKEN: &str = "taken seats are refused";
const NO_SEAT: &str = "a seat that does not exist is refused";
const LINE: &str = "whoever finds no seats waits in line";
const FULL: &str = "counts and seat map agree when it is full";
const PROMOTED: &str = "freed seats go to those who wait";
const AGAIN: &str = "a second cancellation changes nothing";
const GIVEN_BACK: &str = "single seats are given back";
const ONCE: &str = "no seat is booked twice";
const TOLD: &str = "everybody is told of everything once";
const COUNTERS: &str = "the counters agree with the truth";
const REMOVED: &str = "nothing is left behind";

/// What is checked, in this order.
pub const PLAN: &[&str] = &[
    READY, PUBLISHED, BOOKED, REPEATED, MISMATCH, NAMED, TAKEN, NO_SEAT, LINE, FULL, PROMOTED, AGAIN,
    GIVEN_BACK, ONCE, TOLD, COUNTERS, REMOVED,
];

const SEATS: u32 = 5;

/// How long notifications may be on their way before they count as queued, and counters may lag behind.
const PATIENCE: Duration = Duration::from_secs(5);

/// Plays it. The event's id is known as soon as there is one.
pub async fn play(
    app: &App<'_>,
    stage: &Stage,
    list: &mut Checklist<'_>,
    event_id: &mut Option<EventId>,
) -> Result<(), Stopped> {
    let client = &stage.caller.client;
    list.check(READY, ready(client)).await?;
    let event = list.check(PUBLISHED, publish(app, stage)).await?.id;
    *event_id = Some(event);
    let party = Party { client, event };

    let key = app.draw();
    let three = CreateBooking::any(event, 3);
    let first =
        list.check(BOOKED, party.is_booked(client.create_booking_under(key, &three), &[1, 2, 3])).await?;
    list.check(REPEATED, party.is_repeated(client.create_booking_under(key, &three), &first)).await?;
    let other = CreateBooking::any(event, 1);
    let other = client.create_booking_under(key, &other);
    list.check(MISMATCH, refused(other, ErrorCode::IdempotencyMismatch)).await?;
    let named = CreateBooking { seat_numbers: Some(vec![4, 5]), ..CreateBooking::any(event, 2) };
    let second = list.check(NAMED, party.is_booked(client.create_booking(&named), &[4, 5])).await?;
    list.check(TAKEN, party.is_taken()).await?;
    let beyond = CreateBooking { seat_numbers: Some(vec![SEATS + 1]), ..CreateBooking::any(event, 1) };
    list.check(NO_SEAT, refused(client.create_booking(&beyond), ErrorCode::InvalidSeatNumbers)).await?;
    let line = list.check(LINE, party.wait_in_line()).await?;
    list.check(FULL, party.stands(0, 2, &[1, 2, 3, 4, 5])).await?;
    list.check(PROMOTED, party.is_promoted(first.id, line)).await?;
    list.check(AGAIN, party.is_cancelled_already(first.id)).await?;
    list.check(GIVEN_BACK, party.gives_back(second.id)).await?;

    look_back(stage, &party, list, [first.id, second.id, line[0], line[1]]).await;
    Ok(())
}

/// What is there afterwards. None of these checks rests on another.
async fn look_back(stage: &Stage, party: &Party<'_>, list: &mut Checklist<'_>, bookings: [BookingId; 4]) {
    let Party { client, event } = *party;
    let _ = list.check(ONCE, party.has_no_seat_twice(bookings)).await;
    let deadline = list.deadline().min(Instant::now() + PATIENCE);
    let _ = list.check(TOLD, told(stage, bookings, deadline)).await;
    match client.inspect_event(event).await {
        Err(error) if error.code() == Some(ErrorCode::Forbidden) => {
            list.skip(COUNTERS, "only operators and support may look at them");
        }
        _ => {
            let agreeing = counters_agree(client, event, Instant::now() + PATIENCE);
            let _ = list.check(COUNTERS, agreeing).await;
        }
    }
}

/// Removes what was made.
pub async fn leave(
    app: &App<'_>,
    stage: &Stage,
    list: &mut Checklist<'_>,
    event: Option<EventId>,
) -> Result<(), Stopped> {
    let leaving = async {
        app.cleanup.remove().await?;
        let Some(event) = event else { return Ok(()) };
        refused(stage.caller.client.event(event), ErrorCode::NotFound).await
    };
    list.check(REMOVED, leaving).await
}

async fn ready(client: &Client) -> Result<(), Mismatch> {
    let readiness = client.readiness().await?;
    if readiness.status != Health::Down {
        return Ok(());
    }
    let down = readiness.parts.iter().filter(|(_, part)| part.state == Health::Down);
    let down: Vec<_> = down.map(|(name, part)| format!("{name} ({})", part.kind)).collect();
    Err(Mismatch::new("every part that is needed", format!("down: {}", down.join(", "))))
}

async fn publish(app: &App<'_>, stage: &Stage) -> Result<Event, Mismatch> {
    let event = stage.publish(app, "First Night", SEATS).await?;
    expect("status", &EventStatus::Upcoming, &event.status)?;
    expect("seats and free seats", &(SEATS, SEATS), &(event.total_slots, event.available_slots))?;
    expect("organization", &stage.organization, &event.org_id)?;
    Ok(event)
}

/// A request is refused, with this code and its status.
async fn refused<T>(
    request: impl Future<Output = Result<T, ClientError>>,
    code: ErrorCode,
) -> Result<(), Mismatch> {
    let expected = format!("{} {code}", code.status());
    match request.await {
        Ok(_) => Err(Mismatch::new(expected, "success")),
        Err(error) => match error.problem() {
            Some(problem) if problem.code == code.as_str() && problem.status == code.status() => Ok(()),
            _ => Err(Mismatch::new(expected, describe(&error))),
        },
    }
}

/// Whoever books: the caller, at the event.
struct Party<'a> {
    client: &'a Client,
    event: EventId,
}

impl Party<'_> {
    async fn is_booked(
        &self,
        request: impl Future<Output = Result<Booking, ClientError>>,
        seats: &[u32],
    ) -> Result<Booking, Mismatch> {
        let booking = request.await?;
        expect("status", &BookingStatus::Confirmed, &booking.status)?;
        expect("seats", &Some(seats.to_vec()), &booking.assigned_seats)?;
        expect("event", &self.event, &booking.event_id)?;
        Ok(booking)
    }

    async fn is_repeated(
        &self,
        request: impl Future<Output = Result<Booking, ClientError>>,
        first: &Booking,
    ) -> Result<(), Mismatch> {
        expect("the first answer", first, &request.await?)?;
        self.has_free(2).await
    }

    async fn has_free(&self, free: u32) -> Result<(), Mismatch> {
        expect("free seats", &free, &self.client.event(self.event).await?.available_slots)
    }

    async fn is_taken(&self) -> Result<(), Mismatch> {
        let taken = CreateBooking { seat_numbers: Some(vec![3, 4]), ..CreateBooking::any(self.event, 2) };
        let answer = self.client.create_booking(&taken).await;
        let unavailable =
            answer.as_ref().err().and_then(ClientError::problem).map(|problem| {
                problem.members.get("unavailable").map(ToString::to_string).unwrap_or_default()
            });
        refused(std::future::ready(answer), ErrorCode::SeatsConflict).await?;
        expect("unavailable", &Some("[3,4]".to_owned()), &unavailable)
    }

    async fn wait_in_line(&self) -> Result<[BookingId; 2], Mismatch> {
        let mut line = Vec::new();
        for (seats, place) in [(2, 1), (1, 2)] {
            let booking = self.client.create_booking(&CreateBooking::any(self.event, seats)).await?;
            expect("status", &BookingStatus::Waiting, &booking.status)?;
            expect("waiting number", &Some(u64::from(place)), &booking.waiting_number)?;
            let position = self.client.waiting_position(booking.id).await?.position;
            expect("place in line", &Some(place), &position)?;
            line.push(booking.id);
        }
        let waiting = self.client.waitlist(self.event).await?;
        let waiting: Vec<_> = waiting.iter().map(|party| party.booking_id).collect();
        expect("waitlist", &line, &waiting)?;
        Ok([line[0], line[1]])
    }

    /// How many seats are free, how many parties wait, and which seats are taken.
    async fn stands(&self, free: u32, waiting: u32, taken: &[u32]) -> Result<(), Mismatch> {
        let event = self.client.event(self.event).await?;
        expect("free seats and waiting parties", &(free, waiting), &(event.available_slots, event.waiting))?;
        let SeatMap { total, taken: found, .. } = self.client.seats(self.event).await?;
        expect("seats, and those taken", &(SEATS, taken), &(total, found.as_slice()))
    }

    async fn is_promoted(&self, first: BookingId, line: [BookingId; 2]) -> Result<(), Mismatch> {
        if let CancelAnswer::Already(_) = self.client.cancel_booking(first).await? {
            return Err(Mismatch::new("a cancellation", "that it was cancelled before"));
        }
        let cancelled = self.client.booking(first).await?;
        expect("status of what was cancelled", &BookingStatus::Cancelled, &cancelled.status)?;
        for (booking, seats) in line.into_iter().zip([vec![1, 2], vec![3]]) {
            self.is_booked(self.client.booking(booking), &seats).await?;
            let history = self.client.booking_history(booking).await?;
            let actions: Vec<_> = history.iter().map(|entry| entry.action.as_str()).collect();
            if !actions.contains(&"promoted") {
                return Err(Mismatch::new("`promoted` in the history", actions.join(", ")));
            }
        }
        self.stands(0, 0, &[1, 2, 3, 4, 5]).await
    }

    async fn is_cancelled_already(&self, first: BookingId) -> Result<(), Mismatch> {
        match self.client.cancel_booking(first).await? {
            CancelAnswer::Already(booking) => {
                expect("status", &BookingStatus::Cancelled, &booking.status)?;
                self.stands(0, 0, &[1, 2, 3, 4, 5]).await
            }
            CancelAnswer::Done(_) => Err(Mismatch::new("the booking as it is", "another cancellation")),
        }
    }

    async fn gives_back(&self, second: BookingId) -> Result<(), Mismatch> {
        let given = self.client.cancel_seats(second, vec![4, 3]).await?;
        expect("seats given back", &1, &given.cancelled)?;
        self.is_booked(self.client.booking(second), &[5]).await?;
        self.stands(1, 0, &[1, 2, 3, 5]).await
    }

    async fn has_no_seat_twice(&self, mut expected: [BookingId; 4]) -> Result<(), Mismatch> {
        let found = self.client.bookings_at(self.event, &BookingsQuery::default()).await?;
        let mut ids: Vec<_> = found.iter().map(|found| found.booking.id).collect();
        ids.sort_unstable();
        expected.sort_unstable();
        expect("bookings", &expected.to_vec(), &ids)?;
        let mut seats: Vec<u32> =
            found.iter().flat_map(|found| found.booking.assigned_seats.clone().unwrap_or_default()).collect();
        seats.sort_unstable();
        expect("seats of all bookings", &vec![1, 2, 3, 5], &seats)
    }
}
