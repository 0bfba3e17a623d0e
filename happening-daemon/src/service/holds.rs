//! Holds: seats kept for a person while they decide. And the one place where this daemon learns that holds changed.

use super::sockets::Sale;
use super::{Caller, Error, Services};
use crate::holds::{Changed, Hold, HoldList, Holder, HoldsError, SetHolds, Wish};
use happening_core::booking::{AnySeats, Avoid, Refusal, SeatBitmap};
use happening_core::id::EventId;
use happening_core::wire::{self, Adjacent, CreateHold, Done, ErrorCode};
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
        self.must_take_bookings(Sale::of(&event))?;
        let token = self.ids.uuid();
        let holder = Holder::Person { user, token };
        let held = match (create.seats, create.count) {
            (Some(_), None) if create.adjacent != Adjacent::No => {
                return Err(Error::invalid("adjacent", "is for seats that are not named"));
            }
            (Some(seats), None) => self.hold_named(event.id, &holder, seats).await?,
            (None, Some(count)) => {
                let any = AnySeats { count, adjacent: create.adjacent, avoid: Avoid::default() };
                self.hold_any(event.id, &holder, any).await?
            }
            _ => return Err(Error::invalid("seats", "either `seats` or `count` says what to hold")),
        };
        let Changed { answer: held, list } = held;
        if held.allowed.is_empty() {
            return Err(conflict(held.conflicts));
        }
        self.holds_changed(event.id, list).await;
        Ok(self.told(token, held))
    }

    /// Ends a hold of the caller's. One that is over already is no error.
    pub async fn release_hold(&self, caller: &Caller, event: EventId, token: Uuid) -> Result<Done, Error> {
        let holder = self.holder(caller, event, token).await?;
        let released = self.ask_holds(self.holds.release(event, &holder)).await?;
        if !released.answer.is_empty() {
            self.holds_changed(event, released.list).await;
        }
        Ok(Done { ok: true })
    }

    /// To be called after each change of an event's holds, with what they are since: the mirror knows it when this returns,
    /// and it is sent to those who watch if it is new to them, here and on other daemons.
    pub async fn holds_changed(&self, event: EventId, list: HoldList) {
        self.held.note(event, &list, self.clock.now());
        if self.live.is_ending() {
            // The hub ends too and sends nothing any more.
            self.live.send_to_daemons(event, &list).await;
        }
        self.live.holds_changed(event, list);
    }

    /// All holds of an event, ascending by seat. 503 while the holds do not answer.
    pub async fn list_holds(&self, event: EventId) -> Result<Vec<Hold>, Error> {
        let list = self.ask_holds(self.holds.list(event)).await?;
        self.held.note(event, &list, self.clock.now());
        Ok(list.holds)
    }

    /// The answer of the holds, which live where the counters do. Nobody waits for what is known to be away.
    pub async fn ask_holds<T>(
        &self,
        answer: impl Future<Output = Result<T, HoldsError>>,
    ) -> Result<T, Error> {
        if self.counters_liveness.is_down() {
            return Err(Error::unavailable());
        }
        let started = Instant::now();
        let error = match answer.await {
            Ok(answer) => {
                self.counters_liveness.beat(started.elapsed());
                return Ok(answer);
            }
            Err(error) => error,
        };
        match &error {
            HoldsError::Away(_) => self.counters_liveness.miss(&error),
            HoldsError::Refused(_) => tracing::warn!(%error, "a hold could not be kept"),
        }
        Err(Error::unavailable())
    }

    async fn hold_named(
        &self,
        event: EventId,
        holder: &Holder,
        seats: Vec<u32>,
    ) -> Result<Changed<SetHolds>, Error> {
        let (booked, free) = self.named_seats(event, seats).await?;
        if free.is_empty() {
            return Err(conflict(booked));
        }
        let mut held = self.set_holds(event, holder, &free).await?;
        held.answer.conflicts.extend(booked);
        held.answer.conflicts.sort_unstable();
        Ok(held)
    }

    /// The holder's holds become these seats, less what others hold. 409 if the person, or the anonymous sockets of one
    /// address, would hold too many: then nothing was changed.
    pub(super) async fn set_holds(
        &self,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
    ) -> Result<Changed<SetHolds>, Error> {
        let held = self.ask_holds(self.holds.set(event, holder, self.wish(holder, seats))).await?;
        if held.answer.exceeds { Err(self.too_many(holder)) } else { Ok(held) }
    }

    pub(super) fn wish<'a>(&self, holder: &Holder, seats: &'a [u32]) -> Wish<'a> {
        Wish { seats, ttl: self.hold_rules.ttl, limit: self.hold_rules.limit_of(holder) }
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

    /// Holds seats that are neither booked nor held by a person, all of them or none. What anonymous sockets hold is taken
    /// over only where nothing else is free.
    async fn hold_any(
        &self,
        event: EventId,
        holder: &Holder,
        any: AnySeats,
    ) -> Result<Changed<SetHolds>, Error> {
        self.must_be_few(any.count as usize)?;
        let map = self.store.find_seats(event).await?.ok_or_else(|| Error::not_found("event"))?;
        if !(1..=map.total).contains(&any.count) {
            return Err(Refusal::SeatCount { capacity: map.total }.into());
        }
        let mut free = SeatBitmap::new(map.total);
        for seat in map.taken {
            free.take(seat);
        }
        let mut holds = self.list_holds(event).await?;
        let mut conflicts = Vec::new();
        for _ in 0..TRIES {
            let (people, strangers): (Vec<&Hold>, _) =
                holds.iter().partition(|hold| hold.holder.user().is_some());
            let people = people.into_iter().map(|hold| hold.seat);
            // Not what was refused before either: a hold that somebody set by hand is given to nobody.
            people.chain(conflicts).for_each(|seat| _ = free.take(seat));
            let strangers = strangers.into_iter().map(|hold: &Hold| hold.seat).collect();
            let wanted = AnySeats { avoid: Avoid::new(strangers, Vec::new()), ..any.clone() };
            let Some(seats) = free.pick(&wanted) else {
                return Err(none_free(&any, free.free()));
            };
            let held = self.set_holds(event, holder, &seats).await?;
            if held.answer.conflicts.is_empty() {
                return Ok(held);
            }
            // Somebody was faster with some of them.
            conflicts = held.answer.conflicts;
            let released = self.ask_holds(self.holds.release(event, holder)).await?;
            holds = released.list.holds;
        }
        Err(conflict(conflicts))
    }

    /// Refuses more seats than one person may hold before anything else is asked.
    fn must_be_few(&self, seats: usize) -> Result<(), Error> {
        let limit = self.hold_rules.seats_per_person;
        if seats <= limit as usize { Ok(()) } else { Err(one_person_holds(limit)) }
    }

    pub(super) fn too_many(&self, holder: &Holder) -> Error {
        let limit = self.hold_rules.limit_of(holder);
        if holder.user().is_some() {
            return one_person_holds(limit);
        }
        let detail = format!(
            "From one network address at most {limit} seats of an event are held without signing in: nothing was changed."
        );
        Error { members: vec![("limit", limit.into())], ..Error::new(ErrorCode::HoldLimit, detail) }
    }

    pub(super) fn must_take_bookings(&self, sale: Sale) -> Result<(), Error> {
        if !sale.status.is_live() || sale.closes_at <= self.clock.now() {
            return Err(Refusal::Closed.into());
        }
        if sale.is_paused { Err(Refusal::SalesPaused.into()) } else { Ok(()) }
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

fn one_person_holds(limit: u32) -> Error {
    let detail = format!("One person holds at most {limit} seats of an event.");
    Error { members: vec![("limit", limit.into())], ..Error::new(ErrorCode::HoldLimit, detail) }
}

pub(super) fn conflict(unavailable: Vec<u32>) -> Error {
    Refusal::SeatsConflict { unavailable: unavailable.into() }.into()
}

/// Why there are no seats to hold.
fn none_free(any: &AnySeats, free: u32) -> Error {
    if any.count <= free {
        return Refusal::NotAdjacent { count: any.count }.into();
    }
    let detail = format!("Only {free} seats are neither booked nor held by somebody.");
    Error {
        members: vec![("unavailable", Vec::<u32>::new().into())],
        ..Error::new(ErrorCode::SeatsConflict, detail)
    }
}
