//! Holds: seats kept for a person while they decide. And the one place where this daemon learns that holds changed.

use super::{Caller, Error, Services};
use crate::holds::{Hold, Holder, HoldsError, SetHolds};
use chrono::{DateTime, Utc};
use happening_core::booking::{AnySeats, Avoid, Refusal, SeatMap};
use happening_core::id::{EventId, UserId};
use happening_core::wire::{self, Adjacent, CreateHold, Done, ErrorCode, EventStatus};
use std::time::Instant;
use uuid::Uuid;

/// How often seats are looked for that somebody else may be faster to hold.
const TRIES: u32 = 3;

impl Services {
    /// Holds seats for the caller.
    pub async fn create_hold(
        &self,
        caller: &Caller,
        event: EventId,
        create: CreateHold,
    ) -> Result<wire::Hold, Error> {
        let user = caller.user()?.id;
        let event = self.event(caller, event).await?;
        self.must_be_active(caller, event.org_id).await?;
        self.must_take_bookings(event.status, event.event_date, event.sales_paused)?;
        let token = self.ids.uuid();
        let holder = Holder::Person { user, token };
        let held = match (create.seats, create.count) {
            (Some(_), None) if create.adjacent != Adjacent::No => {
                return Err(Error::invalid("adjacent", "is for seats that are not named"));
            }
            (Some(seats), None) => self.hold_named(event.id, &holder, seats).await?,
            (None, Some(count)) => {
                let any = AnySeats { count, adjacent: create.adjacent, avoid: Avoid::default() };
                self.hold_any(event.id, &holder, &any).await?
            }
            _ => return Err(Error::invalid("seats", "either `seats` or `count` says what to hold")),
        };
        if held.allowed.is_empty() {
            return Err(conflict(held.conflicts));
        }
        self.must_hold_few(event.id, &holder, user).await?;
        self.holds_changed(event.id).await?;
        Ok(self.told(token, held))
    }

    /// Ends a hold of the caller's. One that is over already is no error.
    pub async fn release_hold(&self, caller: &Caller, event: EventId, token: Uuid) -> Result<Done, Error> {
        let holder = self.holder(caller, event, token).await?;
        let freed = self.ask_holds(self.holds.release(event, &holder)).await?;
        if !freed.is_empty() {
            self.holds_changed(event).await?;
        }
        Ok(Done { ok: true })
    }

    /// To be called after each change of an event's holds that people made: the mirror knows of it when this returns, and
    /// those who watch are told, here and on other daemons.
    pub async fn holds_changed(&self, event: EventId) -> Result<Vec<Hold>, Error> {
        let listed = self.list_holds(event).await;
        self.live.holds_changed(event);
        if let (true, Ok(holds)) = (self.live.is_ending(), &listed) {
            self.live.tell_others(event, holds).await;
        }
        listed
    }

    /// The same without waiting for the mirror, unless the daemon ends: then nobody else would tell the others.
    pub(super) async fn tell_holds(&self, event: EventId) {
        if self.live.is_ending() {
            // Holds that do not answer end by themselves.
            let _ = self.holds_changed(event).await;
        } else {
            self.live.holds_changed(event);
        }
    }

    /// The same after a booking has ended the holds of its seats, of which those who watch know already.
    pub(super) async fn holds_dropped(&self, event: EventId) -> Result<Vec<Hold>, Error> {
        let listed = self.list_holds(event).await;
        self.live.holds_dropped(event);
        listed
    }

    /// All holds of an event, ascending by seat. 503 while the holds do not answer.
    pub async fn list_holds(&self, event: EventId) -> Result<Vec<Hold>, Error> {
        let asked = self.held.asking();
        let holds = self.ask_holds(self.holds.list(event)).await?;
        self.held.set(event, asked, &holds, self.clock.now());
        Ok(holds)
    }

    /// The answer of the holds, which live where the counters do. Nobody waits for what is known to be away.
    pub async fn ask_holds<T>(
        &self,
        answer: impl Future<Output = Result<T, HoldsError>>,
    ) -> Result<T, Error> {
        if self.counters_vital.is_down() {
            return Err(Error::unavailable());
        }
        let started = Instant::now();
        let error = match answer.await {
            Ok(answer) => {
                self.counters_vital.beat(started.elapsed());
                return Ok(answer);
            }
            Err(error) => error,
        };
        match &error {
            HoldsError::Away(_) => self.counters_vital.miss(&error),
            HoldsError::Refused(_) => tracing::warn!(%error, "a hold could not be kept"),
        }
        Err(Error::unavailable())
    }

    async fn hold_named(&self, event: EventId, holder: &Holder, seats: Vec<u32>) -> Result<SetHolds, Error> {
        let (booked, free) = self.named_seats(event, seats).await?;
        if free.is_empty() {
            return Err(conflict(booked));
        }
        // Before anything is taken over from another hold of theirs.
        self.must_hold_few_beside(event, holder, &free).await?;
        let mut held = self.ask_holds(self.holds.set(event, holder, &free, self.hold_rules.ttl)).await?;
        held.conflicts.extend(booked);
        held.conflicts.sort_unstable();
        Ok(held)
    }

    /// Seats that somebody names to hold, ascending: those that are booked, and the others. 400 unless they are distinct
    /// numbers of the event's seats.
    pub(super) async fn named_seats(
        &self,
        event: EventId,
        mut wanted: Vec<u32>,
    ) -> Result<(Vec<u32>, Vec<u32>), Error> {
        self.must_be_few(wanted.len())?;
        let map = self.store.find_seats(event).await?.ok_or_else(|| Error::not_found("event"))?;
        wanted.sort_unstable();
        let distinct = wanted.windows(2).all(|pair| pair[0] != pair[1]);
        if wanted.is_empty() || !distinct || wanted.iter().any(|seat| !(1..=map.total).contains(seat)) {
            return Err(Refusal::SeatNumbers { capacity: map.total }.into());
        }
        Ok(wanted.into_iter().partition(|seat| map.taken.binary_search(seat).is_ok()))
    }

    /// Holds seats that are neither booked nor held: all of them or none.
    async fn hold_any(&self, event: EventId, holder: &Holder, any: &AnySeats) -> Result<SetHolds, Error> {
        self.must_be_few(any.count as usize)?;
        let map = self.store.find_seats(event).await?.ok_or_else(|| Error::not_found("event"))?;
        if !(1..=map.total).contains(&any.count) {
            return Err(Refusal::SeatCount { capacity: map.total }.into());
        }
        let mut free = SeatMap::new(map.total);
        for seat in map.taken {
            free.take(seat);
        }
        let mut held = SetHolds::default();
        for _ in 0..TRIES {
            for hold in self.list_holds(event).await? {
                free.take(hold.seat);
            }
            let Some(seats) = free.pick(any) else {
                return Err(none_free(any, free.free()));
            };
            held = self.ask_holds(self.holds.set(event, holder, &seats, self.hold_rules.ttl)).await?;
            if held.conflicts.is_empty() {
                return Ok(held);
            }
            // Somebody was faster with some of them.
            self.ask_holds(self.holds.release(event, holder)).await?;
        }
        Err(conflict(held.conflicts))
    }

    /// Counted after the seats are held: of two requests at once both see both, so neither slips through.
    async fn must_hold_few(&self, event: EventId, holder: &Holder, user: UserId) -> Result<(), Error> {
        let count = self.ask_holds(self.holds.count_of(event, user)).await?;
        let few = self.must_be_few(count as usize);
        if few.is_err() {
            self.ask_holds(self.holds.release(event, holder)).await?;
        }
        few
    }

    /// Refuses what would have a person hold too many seats, together with their other tokens and sockets. Nobody in
    /// particular is not counted.
    pub(super) async fn must_hold_few_beside(
        &self,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
    ) -> Result<(), Error> {
        let Some(user) = holder.user() else { return Ok(()) };
        let holds = self.list_holds(event).await?;
        let is_beside = |hold: &&Hold| {
            hold.holder.user() == Some(user) && hold.holder != *holder && !seats.contains(&hold.seat)
        };
        self.must_be_few(holds.iter().filter(is_beside).count() + seats.len())
    }

    fn must_be_few(&self, seats: usize) -> Result<(), Error> {
        let limit = self.hold_rules.seats_per_person;
        if seats <= limit as usize {
            return Ok(());
        }
        let detail = format!("One person holds at most {limit} seats of an event.");
        Err(Error { members: vec![("limit", limit.into())], ..Error::new(ErrorCode::HoldLimit, detail) })
    }

    pub(super) fn must_take_bookings(
        &self,
        status: EventStatus,
        starts_at: DateTime<Utc>,
        sales_paused: bool,
    ) -> Result<(), Error> {
        let is_open = match status {
            EventStatus::Upcoming => starts_at > self.clock.now(),
            EventStatus::Ongoing => true,
            EventStatus::Completed | EventStatus::Cancelled => false,
        };
        match (is_open, sales_paused) {
            (false, _) => Err(Refusal::Closed.into()),
            (true, true) => Err(Refusal::SalesPaused.into()),
            (true, false) => Ok(()),
        }
    }

    /// The caller as the holder of a token. A token of somebody else's is another holder's.
    pub(super) async fn holder(&self, caller: &Caller, event: EventId, token: Uuid) -> Result<Holder, Error> {
        let user = caller.user()?.id;
        if !caller.sees(self.organization_of(event).await?) {
            return Err(Error::not_found("event"));
        }
        Ok(Holder::Person { user, token })
    }

    pub(super) fn told(&self, token: Uuid, held: SetHolds) -> wire::Hold {
        wire::Hold {
            hold_token: token,
            seats: held.allowed,
            conflicts: held.conflicts,
            expires_at: self.clock.now() + self.hold_rules.ttl,
        }
    }
}

pub(super) fn conflict(unavailable: Vec<u32>) -> Error {
    Refusal::SeatsConflict { unavailable: unavailable.into() }.into()
}

/// Why there are no seats to hold.
fn none_free(any: &AnySeats, free: u32) -> Error {
    if any.count <= free {
        return Refusal::NotAdjacent { count: any.count }.into();
    }
    let detail = format!("Only {free} seats are neither booked nor held.");
    Error {
        members: vec![("unavailable", Vec::<u32>::new().into())],
        ..Error::new(ErrorCode::SeatsConflict, detail)
    }
}
