//! Whether bookings, seats, the figures in event rows and the counters agree; and making right what is derived. Asked for
//! over the API, by a job, and by the daemon's own command, which has no callers.

use super::drift::{self, Seen};
use crate::booking::{Engine, EngineError, NOBODY};
use crate::counters::{Counters, CountersError};
use crate::liveness::Liveness;
use crate::service::jobs::{Journal, broken};
use crate::service::{Caller, Error, Services, pages};
use crate::store::{Actor, ClaimedJob, CounterSnapshot, EventTotals, Store, StoreError};
use happening_core::booking::Command;
use happening_core::id::EventId;
use happening_core::wire::{Drift, DriftKind, Job, JobKind, ReconcileQuery, Reconciled};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Events looked at in one go.
const PAGE: u32 = 200;

/// Drifts that are listed.
const LISTED: usize = 1_000;

/// Of bookings that disagree with their seats, so many are listed of one page.
const MISMATCHES: u32 = 1_000;

/// Booked seats and parties of the events whose bookings are compared by one statement.
const COMPARED: u32 = 20_000;

/// How long a report goes on to the next events, within what a request may take.
const LONGEST: Duration = Duration::from_secs(2);

/// A projection that is on its way arrives within this.
const SETTLE: Duration = Duration::from_millis(300);

/// What is compared, and with what it is made right.
pub struct Reconciliation {
    /// The truth.
    pub store: Arc<dyn Store>,
    /// What is compared with it; absent where they are in the memory of another process.
    pub counters: Option<Arc<dyn Counters>>,
    /// Whether they answer.
    pub counters_liveness: Liveness,
    /// What offers seats that were found free.
    pub engine: Engine,
}

/// Some events in the order of their ids.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Only this one.
    only: Option<EventId>,
    /// Those after this one.
    after: Option<EventId>,
    /// At most so many.
    limit: u32,
}

/// Where a job is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Sweep {
    after: Option<EventId>,
    report: Reconciled,
}

/// What a job was asked for.
#[derive(Debug, Serialize, Deserialize)]
struct Wish {
    fix: bool,
}

impl Services {
    /// What does not agree with what: of one event, or of as many as can be compared while a request lasts.
    pub async fn examine(&self, caller: &Caller, query: ReconcileQuery) -> Result<Reconciled, Error> {
        caller.must_be_staff()?;
        self.must_be_up()?;
        let reconciliation = self.reconciliation();
        match query.event_id {
            Some(event) => reconciliation.one(event, None).await,
            None => reconciliation.part(query.cursor, pages::size(query.limit)?).await,
        }
    }

    /// The same of one event, and makes right what can be made right from the bookings. The rest is reported, not changed.
    pub async fn reconcile(&self, caller: &Caller, event: EventId) -> Result<Reconciled, Error> {
        caller.must_be_operator()?;
        self.must_be_up()?;
        self.reconciliation().one(event, Some(&self.actor(caller))).await
    }

    /// Starts to compare all events, and with `fix` to make right what can be.
    pub async fn start_reconcile(&self, caller: &Caller, fix: bool) -> Result<Job, Error> {
        if fix {
            caller.must_be_operator()?;
        } else {
            caller.must_be_staff()?;
        }
        self.must_be_up()?;
        self.start_job(caller, JobKind::Reconcile, Uuid::nil(), &Wish { fix }).await
    }

    /// The work of a job: stretch by stretch.
    pub(in crate::service) async fn reconcile_all(
        &self,
        job: &ClaimedJob,
        journal: &Journal,
    ) -> Result<Value, Error> {
        let Wish { fix } = serde_json::from_value(job.wish.clone()).map_err(|error| broken(&error))?;
        let mut sweep: Sweep = journal.place()?;
        if journal.expected().is_none() {
            let total = self.persist(|_| async move { Ok(self.store.count_events().await?) }).await?;
            journal.begin(0, total);
        }
        let reconciliation = &self.reconciliation();
        loop {
            let after = sweep.after;
            let looking = |failures: u32| async move {
                // What takes the database too long at once may be compared in smaller parts.
                let limit = PAGE.checked_shr(failures).unwrap_or(0).max(1);
                let by = self.acting(job);
                reconciliation.stretch(Stretch { only: None, after, limit }, fix.then_some(&by)).await
            };
            let (found, next) = self.persist(looking).await?;
            merge(&mut sweep.report, found);
            if next.is_none() {
                journal.begin(sweep.report.events, sweep.report.events);
                return serde_json::to_value(sweep.report).map_err(|error| broken(&error));
            }
            sweep.after = next;
            journal.note(sweep.report.events, &sweep)?;
        }
    }

    pub(super) fn reconciliation(&self) -> Reconciliation {
        Reconciliation {
            store: self.store.clone(),
            counters: Some(self.counters.clone()),
            counters_liveness: self.counters_liveness.clone(),
            engine: self.engine.clone(),
        }
    }
}

impl Reconciliation {
    /// What does not agree with what anywhere; with `by` it is made right where it can be.
    pub async fn all(&self, by: Option<&Actor>) -> Result<Reconciled, Error> {
        let mut report = Reconciled::default();
        let mut after = None;
        loop {
            let (found, next) = self.stretch(Stretch { only: None, after, limit: PAGE }, by).await?;
            merge(&mut report, found);
            if next.is_none() {
                return Ok(report);
            }
            after = next;
        }
    }

    async fn one(&self, event: EventId, by: Option<&Actor>) -> Result<Reconciled, Error> {
        let (found, _) = self.stretch(Stretch { only: Some(event), after: None, limit: 1 }, by).await?;
        if found.events == 0 {
            return Err(Error::not_found("event"));
        }
        let mut report = Reconciled::default();
        merge(&mut report, found);
        Ok(report)
    }

    /// Of at most `limit` events after `after`, and no more than there is time for.
    async fn part(&self, mut after: Option<EventId>, limit: u32) -> Result<Reconciled, Error> {
        let started = Instant::now();
        let mut report = Reconciled::default();
        let mut left = limit;
        while left > 0 && started.elapsed() < LONGEST {
            let stretch = Stretch { only: None, after, limit: left.min(PAGE) };
            let (found, next) = self.stretch(stretch, None).await?;
            left = left.saturating_sub(u32::try_from(found.events).unwrap_or(u32::MAX));
            merge(&mut report, found);
            after = next;
            if after.is_none() {
                return Ok(report);
            }
        }
        report.cursor = after;
        report.truncated = true;
        Ok(report)
    }

    /// Looks at some events and, for somebody, makes right what can be. Returns what was found, all of it, and after which
    /// event to go on.
    async fn stretch(
        &self,
        stretch: Stretch,
        by: Option<&Actor>,
    ) -> Result<(Reconciled, Option<EventId>), Error> {
        let Stretch { only, after, limit } = stretch;
        let events = self.store.list_event_totals(only, after, limit).await?;
        let mut drifts: Vec<Drift> = events.iter().flat_map(drift::of_rows).collect();
        drifts.extend(self.mismatches(&events).await?);
        let (of_counters, mut note) = self.of_live(&events).await?;
        drifts.extend(of_counters);
        if let Some(by) = by {
            note = self.make_right(stretch, &events, &mut drifts, by).await?.or(note);
        }
        let next = events.last().filter(|_| only.is_none() && events.len() >= limit as usize);
        let next = next.map(|last| last.event);
        let (found, fixed) = (drifts.len(), drifts.iter().filter(|drift| drift.fixed).count());
        let report = Reconciled {
            events: events.len() as u64,
            drifts,
            found: found as u64,
            fixed: fixed as u64,
            note,
            ..Reconciled::default()
        };
        Ok((report, next))
    }

    /// Makes right what is derived, and looks again. Returns what could not be.
    async fn make_right(
        &self,
        stretch: Stretch,
        events: &[EventTotals],
        drifts: &mut [Drift],
        by: &Actor,
    ) -> Result<Option<String>, Error> {
        let is_fixable = |drift: &&Drift| drift.fixable;
        let ids: BTreeSet<EventId> = drifts.iter().filter(is_fixable).map(|drift| drift.event_id).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        tracing::warn!(events = ids.len(), drifts = drifts.len(), "made right by hand");
        for event in events.iter().filter(|event| ids.contains(&event.event)) {
            let is_of_row = |drift: &Drift| drift.event_id == event.event && is_derived_row(drift.kind);
            if drifts.iter().any(is_of_row) {
                self.store.recompute(event.event, by).await?;
                if drift::has_unknown_free_seats(event) {
                    self.offer(event.event).await?;
                }
            }
        }
        let note = self.restore(&ids, drifts).await?;
        let again = if drifts.iter().any(|drift| is_derived_row(drift.kind)) {
            let Stretch { only, after, limit } = stretch;
            self.store.list_event_totals(only, after, limit).await?
        } else {
            events.to_vec()
        };
        let again: Vec<EventTotals> = again.into_iter().filter(|event| ids.contains(&event.event)).collect();
        let mut left: BTreeSet<_> = again.iter().flat_map(drift::of_rows).map(|drift| key(&drift)).collect();
        let (of_counters, unseen) = self.of_live(&again).await?;
        left.extend(of_counters.iter().map(key));
        for drift in drifts.iter_mut().filter(|drift| drift.fixable) {
            let is_seen = unseen.is_none() || is_derived_row(drift.kind);
            drift.fixed = is_seen && !left.contains(&key(drift));
        }
        Ok(note.or(unseen))
    }

    /// Sets the counters of these events. Returns why not.
    async fn restore(&self, ids: &BTreeSet<EventId>, drifts: &[Drift]) -> Result<Option<String>, Error> {
        let Some(counters) = &self.counters else { return Ok(None) };
        let is_ahead = |drift: &&Drift| drift.kind == DriftKind::CountersAhead;
        let ahead: BTreeSet<EventId> = drifts.iter().filter(is_ahead).map(|drift| drift.event_id).collect();
        let ids: Vec<EventId> = ids.iter().copied().collect();
        let (invented, honest): (Vec<CounterSnapshot>, Vec<CounterSnapshot>) = self
            .store
            .snapshots(&ids)
            .await?
            .into_iter()
            .partition(|snapshot| ahead.contains(&snapshot.mark.event));
        for (snapshots, is_invented) in [(honest, false), (invented, true)] {
            if let Err(error) = counters.restore(&snapshots, is_invented).await {
                self.counters_liveness.miss(&error);
                return Ok(Some("The counters do not answer: they were not set.".to_owned()));
            }
        }
        Ok(None)
    }

    /// Seats that nobody knew to be free came free by being found: the line is served with them.
    async fn offer(&self, event: EventId) -> Result<(), Error> {
        match self.engine.submit(event, Command::Serve { by_hand: false }, NOBODY).await {
            // At an event that is over nobody is served.
            Ok(_) | Err(EngineError::Refused(_) | EngineError::UnknownEvent) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Bookings of these events that disagree with their seats.
    async fn mismatches(&self, events: &[EventTotals]) -> Result<Vec<Drift>, Error> {
        let by_id: BTreeMap<EventId, &EventTotals> =
            events.iter().map(|event| (event.event, event)).collect();
        let mut drifts = Vec::new();
        for run in runs(events) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let found = self.store.list_seat_mismatches(first.event, last.event, MISMATCHES).await?;
            // One may be of an event that was published meanwhile.
            let told = found.iter().filter_map(|one| Some(drift::of_booking(by_id.get(&one.event)?, one)));
            drifts.extend(told);
        }
        Ok(drifts)
    }

    /// What the counters have wrong, and why they could not be looked at.
    async fn of_live(&self, events: &[EventTotals]) -> Result<(Vec<Drift>, Option<String>), Error> {
        // An event that takes no bookings may be unknown to the counters.
        let live: Vec<&EventTotals> = events.iter().filter(|event| event.status.is_live()).collect();
        match self.settled(&live).await {
            Ok(drifts) => Ok((drifts, None)),
            Err(Unseen::Counters) => {
                let why = match self.counters {
                    Some(_) => "The counters do not answer",
                    None => "The counters are in the memory of a daemon",
                };
                Ok((Vec::new(), Some(format!("{why}: only the database was looked at."))))
            }
            Err(Unseen::Store(error)) => Err(error),
        }
    }

    /// What the counters have wrong, without what is merely on its way.
    async fn settled(&self, live: &[&EventTotals]) -> Result<Vec<Drift>, Unseen> {
        let mut drifts = self.of_counters(live).await?;
        if drifts.iter().any(|drift| drift.kind == DriftKind::CountersBehind) {
            // Merely behind is everyday while people book: it counts if it stays.
            tokio::time::sleep(SETTLE).await;
            let behind: BTreeSet<EventId> = drifts
                .extract_if(.., |drift| drift.kind == DriftKind::CountersBehind)
                .map(|drift| drift.event_id)
                .collect();
            let again: Vec<&EventTotals> =
                live.iter().copied().filter(|event| behind.contains(&event.event)).collect();
            drifts.extend(self.of_counters(&again).await?);
        }
        Ok(drifts)
    }

    async fn of_counters(&self, events: &[&EventTotals]) -> Result<Vec<Drift>, Unseen> {
        let ids: Vec<EventId> = events.iter().map(|event| event.event).collect();
        // The counters before the truth, so that what is honest is never ahead of it.
        let seen = self.observe(&ids).await?;
        let truths: BTreeMap<EventId, CounterSnapshot> = self
            .store
            .snapshots(&ids)
            .await?
            .into_iter()
            .map(|snapshot| (snapshot.mark.event, snapshot))
            .collect();
        let compared = events
            .iter()
            .zip(&seen)
            .filter_map(|(event, seen)| Some(drift::of_counters(event, truths.get(&event.event)?, seen)));
        Ok(compared.flatten().collect())
    }

    /// What the counters say of events, in the order asked.
    pub(super) async fn observe(&self, events: &[EventId]) -> Result<Vec<Seen>, Unseen> {
        let counters = self.counters.as_ref().ok_or(Unseen::Counters)?;
        let observed = async {
            let observed = counters.observe(events).await?;
            let lines = counters.line_digests(events).await?;
            Ok::<_, CountersError>(observed.into_iter().zip(lines))
        };
        match observed.await {
            Ok(seen) => Ok(seen.map(|(observed, line)| Seen { counters: observed, line }).collect()),
            Err(error) => {
                self.counters_liveness.miss(&error);
                Err(Unseen::Counters)
            }
        }
    }
}

/// Adds what was found at further events. The first [`LISTED`] drifts are listed, the others counted.
fn merge(report: &mut Reconciled, found: Reconciled) {
    report.events += found.events;
    report.found += found.found;
    report.fixed += found.fixed;
    let room = LISTED.saturating_sub(report.drifts.len());
    report.truncated |= found.drifts.len() > room;
    report.drifts.extend(found.drifts.into_iter().take(room));
    report.note = found.note.or(report.note.take());
}

/// Neighbours with about as much to compare as one statement should.
fn runs(events: &[EventTotals]) -> Vec<&[EventTotals]> {
    let weight = |event: &EventTotals| event.booked.saturating_add(event.in_line);
    let (mut runs, mut first, mut sum) = (Vec::new(), 0, 0_u32);
    for (at, event) in events.iter().enumerate() {
        sum = sum.saturating_add(weight(event));
        if sum > COMPARED && at > first {
            runs.push(&events[first..at]);
            (first, sum) = (at, weight(event));
        }
    }
    runs.push(&events[first..]);
    runs
}

/// Figures of an event's row that are made of its bookings.
const fn is_derived_row(kind: DriftKind) -> bool {
    matches!(kind, DriftKind::AvailableSlots | DriftKind::Waiting | DriftKind::NextWaitingNumber)
}

fn key(drift: &Drift) -> (EventId, DriftKind) {
    (drift.event_id, drift.kind)
}

/// Why something was not seen.
pub(super) enum Unseen {
    /// The counters do not answer, or there are none here.
    Counters,
    /// The truth could not be read.
    Store(Error),
}

impl From<StoreError> for Unseen {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<Unseen> for Error {
    fn from(unseen: Unseen) -> Self {
        match unseen {
            Unseen::Counters => Self::unavailable(),
            Unseen::Store(error) => error,
        }
    }
}
