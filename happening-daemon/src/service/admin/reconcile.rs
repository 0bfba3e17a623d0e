//! Whether bookings, seats, the figures in event rows and the counters agree; and making right what is derived. Asked for
//! over the API, and by the daemon's own command, which has no callers.

use super::drift::{self, Seen};
use crate::booking::{Engine, EngineError, NOBODY};
use crate::counters::{Counters, CountersError};
use crate::liveness::Liveness;
use crate::service::{Caller, Error, Services};
use crate::store::{Actor, CounterSnapshot, EventTotals, Store, StoreError};
use happening_core::booking::Command;
use happening_core::id::EventId;
use happening_core::wire::{Drift, DriftKind, EventStatus, ReconcileQuery, Reconciled};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Events looked at in one go.
const PAGE: u32 = 200;

/// Drifts that are told.
const TOLD: usize = 1_000;

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

impl Services {
    /// What does not agree with what.
    pub async fn examine(&self, caller: &Caller, query: ReconcileQuery) -> Result<Reconciled, Error> {
        caller.must_be_staff()?;
        self.must_be_up()?;
        self.reconciliation().examine(query.event_id).await
    }

    /// The same, and makes right what can be made right from the bookings. The rest is told, not touched.
    pub async fn reconcile(&self, caller: &Caller, query: ReconcileQuery) -> Result<Reconciled, Error> {
        caller.must_be_operator()?;
        self.must_be_up()?;
        self.reconciliation().fix(query.event_id, &self.actor(caller)).await
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
    /// Makes right what can be made right from the bookings, and tells what was found.
    pub async fn fix(&self, only: Option<EventId>, by: &Actor) -> Result<Reconciled, Error> {
        let mut report = self.examine(only).await?;
        let fixable = |drift: &&Drift| drift.fixable;
        let events: BTreeSet<EventId> =
            report.drifts.iter().filter(fixable).map(|drift| drift.event_id).collect();
        for &event in &events {
            let drifts: Vec<&Drift> = report.drifts.iter().filter(|drift| drift.event_id == event).collect();
            self.make_right(event, &drifts, by).await?;
        }
        let mut left = BTreeSet::new();
        for &event in &events {
            let after = self.examine(Some(event)).await?;
            left.extend(after.drifts.into_iter().map(|drift| (drift.event_id, drift.kind)));
        }
        for drift in report.drifts.iter_mut().filter(|drift| drift.fixable) {
            drift.fixed = !left.contains(&(drift.event_id, drift.kind));
        }
        Ok(report)
    }

    async fn make_right(&self, event: EventId, drifts: &[&Drift], by: &Actor) -> Result<(), Error> {
        let is_of_row = |drift: &&Drift| {
            matches!(
                drift.kind,
                DriftKind::AvailableSlots | DriftKind::Waiting | DriftKind::NextWaitingNumber
            )
        };
        if drifts.iter().any(is_of_row) {
            let before = self.store.list_event_totals(Some(event), None, 1).await?;
            self.store.recompute(event, by).await?;
            if before.iter().any(drift::has_unknown_free_seats) {
                self.offer(event).await?;
            }
        }
        tracing::warn!(%event, drifts = drifts.len(), "made right by hand");
        let Some(counters) = &self.counters else { return Ok(()) };
        let snapshots = self.store.snapshots(&[event]).await?;
        let invented = drifts.iter().any(|drift| drift.kind == DriftKind::CountersAhead);
        if let Err(error) = counters.restore(&snapshots, invented).await {
            self.counters_liveness.miss(&error);
            return Err(Error::unavailable());
        }
        Ok(())
    }

    /// Seats that nobody knew to be free came free by being found: the line is served with them.
    async fn offer(&self, event: EventId) -> Result<(), Error> {
        match self.engine.submit(event, Command::Serve { by_hand: false }, NOBODY).await {
            // At an event that is over nobody is served.
            Ok(_) | Err(EngineError::Refused(_) | EngineError::UnknownEvent) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What does not agree with what, of one event or of all.
    pub async fn examine(&self, only: Option<EventId>) -> Result<Reconciled, Error> {
        let mut report = Reconciled { events: 0, drifts: Vec::new(), truncated: false, note: None };
        let mut after = None;
        loop {
            let page = self.examined_page(only, after, &mut report).await?;
            after = page;
            if only.is_some() || after.is_none() {
                break;
            }
        }
        if only.is_some() && report.events == 0 {
            return Err(Error::not_found("event"));
        }
        report.truncated = report.drifts.len() > TOLD;
        report.drifts.truncate(TOLD);
        Ok(report)
    }

    /// Looks at one page of events; returns where the next one begins.
    async fn examined_page(
        &self,
        only: Option<EventId>,
        after: Option<EventId>,
        report: &mut Reconciled,
    ) -> Result<Option<EventId>, Error> {
        let page = self.store.list_event_totals(only, after, PAGE).await?;
        report.events += page.len() as u64;
        for event in &page {
            report.drifts.extend(drift::of_rows(event));
            let seat_mismatches = self.store.list_seat_mismatches(event.event, PAGE).await?;
            report.drifts.extend(seat_mismatches.iter().map(|mismatch| drift::of_booking(event, mismatch)));
        }
        // An event that takes no bookings may be unknown to the counters.
        let live: Vec<&EventTotals> = page
            .iter()
            .filter(|event| matches!(event.status, EventStatus::Upcoming | EventStatus::Ongoing))
            .collect();
        match self.settled(&live).await {
            Ok(drifts) => report.drifts.extend(drifts),
            Err(Unseen::Counters) => {
                let why = match self.counters {
                    Some(_) => "The counters do not answer",
                    None => "The counters are in the memory of a daemon",
                };
                report.note = Some(format!("{why}: only the database was looked at."));
            }
            Err(Unseen::Store(error)) => return Err(error),
        }
        Ok(page.last().filter(|_| page.len() >= PAGE as usize).map(|last| last.event))
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
