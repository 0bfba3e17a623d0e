//! Questions about a waitlist: the rules answer them on the committed state, and nothing changes.

use super::{Caller, Error, Services};
use happening_core::booking::{Amendment, Change, Command, EventState, Outcome, Standing};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    Before, Booking, BookingStatus, PartyAhead, PlanResize, ResizePlan, Simulate, Simulation, WaitReason,
    WaitlistPolicy, WhyQuery, WhyWaiting, WouldBePromoted,
};
use std::sync::Arc;

/// Parties ahead that are shown.
const SHOWN: usize = 100;

impl Services {
    /// Why it is not a booking's turn.
    pub async fn why(&self, caller: &Caller, booking: BookingId) -> Result<WhyWaiting, Error> {
        let booking = self.booking(caller, booking).await?;
        let state = self.committed(booking.event_id).await?;
        Ok(explained(&state, &booking))
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
            answers.push(explained(&state, &found.ok_or_else(|| Error::not_found("booking"))?));
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
        let state = self.committed(event).await?;
        let foreseen = match (simulate.free, simulate.cancel) {
            (Some(0), None) => return Err(Error::invalid("free", "must be at least 1")),
            (Some(seats), None) => state.if_free(seats),
            (None, Some(booking)) => state.foresee(&Command::Cancel { booking })?,
            _ => return Err(Error::invalid("free", "please give either free or cancel")),
        };
        let freed = match &foreseen.outcome {
            Outcome::Cancelled { freed } => u32::try_from(freed.len()).unwrap_or(u32::MAX),
            _ => return Err(Error::not_found("booking")),
        };
        Ok(Simulation {
            event_id: event,
            version: state.version(),
            freed,
            promoted: promoted(&foreseen.changes),
            available_slots: Before { from: state.seats().free(), to: foreseen.state.seats().free() },
            waiting: Before { from: waiting(&state), to: waiting(&foreseen.state) },
        })
    }

    /// What a resize would do.
    pub async fn plan_resize(
        &self,
        caller: &Caller,
        event: EventId,
        plan: PlanResize,
    ) -> Result<ResizePlan, Error> {
        self.must_see_line(caller, event).await?;
        let state = self.committed(event).await?;
        let resize = Amendment { capacity: Some(plan.total_slots), ..Amendment::default() };
        let foreseen = state.foresee(&Command::Amend(resize));
        let (changes, after, refusal) = match foreseen {
            Ok(foreseen) => (foreseen.changes, foreseen.state, None),
            Err(refusal) => (Vec::new(), EventState::clone(&state), Some(Error::from(refusal).detail)),
        };
        Ok(ResizePlan {
            event_id: event,
            version: state.version(),
            total_slots: Before { from: state.terms().capacity, to: plan.total_slots },
            allowed: refusal.is_none(),
            refusal,
            highest_booked_seat: state.seats().highest_taken(),
            promoted: promoted(&changes),
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

fn promoted(changes: &[Change]) -> Vec<WouldBePromoted> {
    let served = changes.iter().filter_map(|change| match change {
        Change::Promoted { waiting, user, number, seats, rest, pass, .. } => Some(WouldBePromoted {
            booking_id: *waiting,
            user_id: *user,
            waiting_number: *number,
            seats: u32::try_from(seats.len()).unwrap_or(u32::MAX),
            rest: *rest,
            passes_head: pass.is_some(),
        }),
        _ => None,
    });
    served.collect()
}

fn explained(state: &EventState, booking: &Booking) -> WhyWaiting {
    let standing = state.standing(booking.id);
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
        why = standing_at(why, &standing);
    }
    why.explanation = explanation(&why);
    why
}

/// With where the booking stands. The state is newer than the row, or the other way round: the state's word counts.
fn standing_at(why: WhyWaiting, standing: &Standing) -> WhyWaiting {
    let position = u32::try_from(standing.ahead.len() + 1).unwrap_or(u32::MAX);
    let ahead = (1..).zip(&standing.ahead).take(SHOWN);
    WhyWaiting {
        status: BookingStatus::Waiting,
        reason: standing.reason,
        seats: standing.party.seats,
        waiting_number: Some(standing.party.number),
        position: Some(position),
        parties_ahead: position - 1,
        seats_ahead: standing.seats_ahead,
        ahead: ahead.map(|(position, party)| PartyAhead { position, seats: party.seats }).collect(),
        must_come_free: standing.must_come_free,
        first_seats_after: standing.first_seats_after,
        ..why
    }
}

fn explanation(why: &WhyWaiting) -> String {
    let WhyWaiting { seats, available_slots: free, parties_ahead, seats_ahead, .. } = why;
    let (passed, limit) = (why.head_passed, why.bypass_limit);
    let mut text = match why.reason {
        WaitReason::NotWaiting => return format!("This booking is {}: it does not wait.", why.status),
        WaitReason::Closed => return "The event takes no bookings any more: nobody is served.".to_owned(),
        WaitReason::SeatsNeeded => {
            format!("First in line: {free} of the {seats} seats wanted are free.")
        }
        WaitReason::BehindOthers => {
            format!(
                "Number {} in line: {parties_ahead} ahead want {seats_ahead} seats, {free} are free.",
                parties_ahead + 1
            )
        }
        WaitReason::GatheringForHead => format!(
            "Number {} in line. The head was passed {passed} of {limit} times: freed seats gather for it now.",
            parties_ahead + 1
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
