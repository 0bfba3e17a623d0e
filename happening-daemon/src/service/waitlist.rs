//! Questions about a waitlist: the rules answer them on the committed state, and nothing changes.

use super::{Caller, Error, Services};
use happening_core::booking::{
    Amendment, Command, Context, EventState, Foreseen, Outcome, Party, Served, Standing, Terms,
};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    Before, Booking, BookingStatus, EventStatus, PartyAhead, PlanResize, ResizePlan, Simulate, Simulation,
    TooLarge, WaitReason, WaitlistPolicy, WhyQuery, WhyWaiting, WouldBePromoted,
};
use std::sync::Arc;

/// Parties ahead that are shown.
const SHOWN: usize = 100;

/// Bookings that one simulation cancels.
const MOST_CANCELLED: usize = 1_000;

impl Services {
    /// Why it is not a booking's turn.
    pub async fn why(&self, caller: &Caller, booking: BookingId) -> Result<WhyWaiting, Error> {
        let booking = self.booking(caller, booking).await?;
        let state = self.committed(booking.event_id).await?;
        Ok(explained(&state, &booking, &self.context()))
    }

    /// The same of one booking of an event, or of everything that somebody waits for there.
    pub async fn why_at(
        &self,
        caller: &Caller,
        event: EventId,
        query: WhyQuery,
    ) -> Result<Vec<WhyWaiting>, Error> {
        self.must_see_line(caller, event).await?;
        let state = self.committed(event).await?;
        let bookings: Vec<BookingId> = match (query.booking_id, query.user_id) {
            (Some(booking), None) => vec![booking],
            (None, Some(user)) => state
                .waitlist()
                .iter()
                .filter(|party| party.user == user)
                .map(|party| party.booking)
                .take(SHOWN)
                .collect(),
            _ => return Err(Error::invalid("booking_id", "please give either booking_id or user_id")),
        };
        let mut answers = Vec::with_capacity(bookings.len());
        for booking in bookings {
            let found = self.store.find_booking(booking).await?;
            let found = found.filter(|found| found.event_id == event);
            let found = found.ok_or_else(|| Error::not_found("booking"))?;
            answers.push(explained(&state, &found, &self.context()));
        }
        Ok(answers)
    }

    /// Who would be served if.
    pub async fn simulate(
        &self,
        caller: &Caller,
        event: EventId,
        simulate: Simulate,
    ) -> Result<Simulation, Error> {
        self.must_see_line(caller, event).await?;
        let _turn = self.trials.take(caller.digest()).await?;
        let state = self.committed(event).await?;
        let context = self.context();
        let foreseen = match (simulate.free, &simulate.cancel[..]) {
            (Some(0), []) => return Err(Error::invalid("free", "must be at least 1")),
            (Some(seats), []) if simulate.seat_numbers.is_none() => state.if_free(seats, &context),
            (None, [_, ..]) => state.foresee_all(&self.given_back(&state, &simulate)?, &context)?,
            _ => return Err(Error::invalid("free", "please give either free or cancel")),
        };
        let mut promoted = promoted(&foreseen);
        if simulate.free.is_some() {
            // Which seats come free is not said, so neither is who gets which.
            for one in &mut promoted {
                one.assigned_seats.clear();
            }
        }
        Ok(Simulation {
            event_id: event,
            version: state.version(),
            freed: freed(&foreseen)?,
            promoted,
            available_slots: Before { from: state.seats().free(), to: foreseen.state.seats().free() },
            waiting: Before { from: waiting(&state), to: waiting(&foreseen.state) },
        })
    }

    /// The commands that give back what a simulation supposes, as the cancellations themselves would.
    fn given_back(&self, state: &EventState, simulate: &Simulate) -> Result<Vec<Command>, Error> {
        if simulate.cancel.len() > MOST_CANCELLED {
            return Err(Error::invalid("cancel", format!("at most {MOST_CANCELLED} bookings at once")));
        }
        if let Some(seats) = &simulate.seat_numbers {
            let [booking] = simulate.cancel[..] else {
                return Err(Error::invalid("seat_numbers", "are of one booking: name that one in cancel"));
            };
            state.seats_of(booking).ok_or_else(|| Error::not_found("booking"))?;
            return Ok(vec![Command::CancelSeats { booking, seats: seats.clone() }]);
        }
        let most = self.limits.seats_at_once as usize;
        let mut commands = Vec::with_capacity(simulate.cancel.len());
        for &booking in &simulate.cancel {
            // As `give_back_in_parts` does.
            let beyond = state.seats_of(booking).and_then(|seats| seats.get(most..)).unwrap_or_default();
            let parts = beyond.chunks(most);
            commands.extend(parts.map(|part| Command::CancelSeats { booking, seats: part.to_vec() }));
            commands.push(Command::Cancel { booking });
        }
        Ok(commands)
    }

    /// What a resize would do.
    pub async fn plan_resize(
        &self,
        caller: &Caller,
        event: EventId,
        plan: PlanResize,
    ) -> Result<ResizePlan, Error> {
        self.must_see_line(caller, event).await?;
        let _turn = self.trials.take(caller.digest()).await?;
        let state = self.committed(event).await?;
        let resize = Amendment { capacity: Some(plan.total_slots), ..Amendment::default() };
        let (promoted, after, refusal) = match state.foresee(&Command::Amend(resize), &self.context()) {
            Ok(foreseen) => (promoted(&foreseen), foreseen.state, None),
            Err(refusal) => (Vec::new(), EventState::clone(&state), Some(Error::from(refusal).detail)),
        };
        Ok(ResizePlan {
            event_id: event,
            version: state.version(),
            total_slots: Before { from: state.terms().capacity, to: plan.total_slots },
            allowed: refusal.is_none(),
            refusal,
            highest_booked_seat: state.seats().highest_taken(),
            promoted,
            too_large: too_large(&after),
            available_slots: Before { from: state.seats().free(), to: after.seats().free() },
            waiting: Before { from: waiting(&state), to: waiting(&after) },
        })
    }

    /// An event as it is committed: from the committer's memory, unless another daemon moved it on. Read whole only where
    /// nobody has it, and only once a version: anybody may ask.
    async fn committed(&self, event: EventId) -> Result<Arc<EventState>, Error> {
        let version = self.store.versions(&[event]).await?.first().map(|(_, version)| *version);
        let version = version.ok_or_else(|| Error::not_found("event"))?;
        // It may have gone on since its version was read.
        if let Some(state) = self.engine.copy(event).await.filter(|state| state.version() >= version) {
            return Ok(state);
        }
        if let Some(state) = self.states.get(&event).filter(|state| state.version() == version) {
            return Ok(state);
        }
        let state = self.store.load(event).await?.ok_or_else(|| Error::not_found("event"))?;
        let state = Arc::new(state);
        self.states.insert(event, state.clone());
        Ok(state)
    }
}

fn waiting(state: &EventState) -> u32 {
    u32::try_from(state.waitlist().len()).unwrap_or(u32::MAX)
}

fn promoted(foreseen: &Foreseen) -> Vec<WouldBePromoted> {
    let would_be = |served: Served| WouldBePromoted {
        booking_id: served.waiting,
        user_id: served.user,
        waiting_number: served.place.into(),
        seats: u32::try_from(served.seats.len()).unwrap_or(u32::MAX),
        assigned_seats: served.seats.to_vec(),
        rest: served.rest,
        passes_head: served.passes_head,
    };
    foreseen.served().into_iter().map(would_be).collect()
}

/// Seats that would come free. What is no booking of the event, or is cancelled already, is not found.
fn freed(foreseen: &Foreseen) -> Result<u32, Error> {
    let mut seats = 0;
    for outcome in &foreseen.outcomes {
        match outcome {
            Outcome::Cancelled { freed, .. } | Outcome::SeatsCancelled { freed, .. } => seats += freed.len(),
            _ => return Err(Error::not_found("booking")),
        }
    }
    Ok(u32::try_from(seats).unwrap_or(u32::MAX))
}

/// Who waits for more seats than there are.
fn too_large(state: &EventState) -> Vec<TooLarge> {
    let parties = state.waitlist().iter().filter(|party| state.is_too_large(party));
    let shown =
        |party: &Party| TooLarge { booking_id: party.booking, user_id: party.user, seats: party.seats };
    parties.map(shown).collect()
}

fn explained(state: &EventState, booking: &Booking, context: &Context) -> WhyWaiting {
    let standing = state.standing(booking.id, context);
    let terms = state.terms();
    let mut why = WhyWaiting {
        booking_id: booking.id,
        event_id: booking.event_id,
        status: booking.status,
        reason: WaitReason::NotWaiting,
        explanation: String::new(),
        seats: booking.seats,
        waiting_number: booking.waiting_number,
        position: None,
        parties_ahead: 0,
        seats_ahead: 0,
        ahead: Vec::new(),
        available_slots: state.seats().free(),
        waitlist_policy: terms.policy,
        bypass_limit: terms.bypass_limit,
        head_passed: state.head_passed(),
        must_come_free: None,
        first_seats_after: None,
    };
    if let Some(standing) = standing {
        why = standing_at(why, &standing, state);
    }
    why.explanation = explanation(&why, terms);
    why
}

/// With where the booking stands. The state is newer than the row, or the other way round: the state's word counts.
fn standing_at(why: WhyWaiting, standing: &Standing, state: &EventState) -> WhyWaiting {
    let position = u32::try_from(standing.ahead.len() + 1).unwrap_or(u32::MAX);
    let ahead = (1..).zip(&standing.ahead).take(SHOWN);
    WhyWaiting {
        status: BookingStatus::Waiting,
        reason: standing.reason,
        seats: standing.party.seats,
        waiting_number: Some(position.into()),
        position: Some(position),
        parties_ahead: position - 1,
        seats_ahead: standing.seats_ahead,
        ahead: ahead
            .map(|(position, party)| PartyAhead {
                position,
                seats: party.seats,
                too_large: state.is_too_large(party),
            })
            .collect(),
        must_come_free: standing.must_come_free,
        first_seats_after: standing.first_seats_after,
        ..why
    }
}

fn explanation(why: &WhyWaiting, terms: &Terms) -> String {
    let WhyWaiting { seats, available_slots: free, parties_ahead, seats_ahead, .. } = why;
    let (passed, limit) = (why.head_passed, why.bypass_limit);
    let place = parties_ahead + 1;
    let mut text = match why.reason {
        WaitReason::NotWaiting => return format!("This booking is {}: it does not wait.", why.status),
        WaitReason::Closed => return closed(terms).to_owned(),
        WaitReason::TooLarge => {
            let capacity = terms.capacity;
            return format!(
                "Number {place} in line. The event has {capacity} seats and this booking waits for {seats}: it is not \
                 served, and others go before it. It keeps its place in case the event gets more seats."
            );
        }
        WaitReason::SeatsNeeded if *parties_ahead > 0 => format!(
            "Number {place} in line, and next to be served: those ahead want more seats than the event has. {free} of \
             the {seats} seats wanted are free."
        ),
        WaitReason::SeatsNeeded => {
            format!("First in line: {free} of the {seats} seats wanted are free.")
        }
        WaitReason::BehindOthers => {
            format!(
                "Number {place} in line: {parties_ahead} ahead want {seats_ahead} seats, {free} are free."
            )
        }
        WaitReason::GatheringForHead => format!(
            "Number {place} in line. The head was passed {passed} of {limit} times: freed seats gather for it now."
        ),
    };
    if why.waitlist_policy == WaitlistPolicy::Whole && why.reason == WaitReason::BehindOthers {
        text = format!("{text} A party that fits may go before the head: {passed} of {limit} times so far.");
    }
    if let Some(all) = why.must_come_free {
        text = format!("{text} With {all} more seats free at once it is served whole at the latest.");
    }
    if let (Some(first), Some(all)) = (why.first_seats_after, why.must_come_free)
        && first < all
    {
        text = format!("{text} It gets its first seats with {first}.");
    }
    text
}

/// Why nobody is served.
fn closed(terms: &Terms) -> &'static str {
    match terms.status {
        _ if terms.deleted => "The event was deleted: nobody is served.",
        EventStatus::Cancelled => "The event was cancelled: nobody is served.",
        EventStatus::Completed => "The event is over: nobody is served.",
        EventStatus::Upcoming | EventStatus::Ongoing => {
            "The event has begun: nobody is served any more, unless its organizers promote them by hand."
        }
    }
}
