//! The use cases: each a few lines that check the right and call what does the work. Knows no HTTP.
//!
//! To add one: a method on [`Services`] in the file of its noun. It takes the [`Caller`] first: who asks decides what
//! there is to see.

mod access;
mod admin;
mod amendments;
mod audit;
mod booker;
mod bookings;
mod calendar;
mod consent;
mod dates;
mod error;
pub(crate) mod events;
mod fields;
mod governance;
mod hold_changes;
mod holds;
mod housekeeping;
mod idempotency;
mod invites;
mod jobs;
pub(crate) mod membership;
mod metrics;
mod notifications;
pub(crate) mod organizations;
mod pages;
pub(crate) mod people;
mod precondition;
mod privacy;
mod profiles;
mod promotions;
mod quotas;
mod read_only;
mod schedule;
mod search;
mod seat_selection;
pub(crate) mod service_accounts;
mod sockets;
mod status;
mod support;
#[cfg(test)]
pub(crate) mod testing;
mod trial;
mod unit_of_work;
mod waitlist;
mod watching;

pub use access::{Caller, Person, RequestSource, digest_of};
pub use admin::{Operations, Reconciliation};
pub use error::Error;
pub use events::SeatsMark;
pub use governance::DeleteOrganization;
pub use idempotency::Reservation;
pub use invites::account_addressee;
pub use metrics::Gauges;
pub use pages::Page;
pub use precondition::{Edited, Fixed, Precondition};
pub use quotas::Quotas;
pub use trial::Trial;
pub(crate) use unit_of_work::Units;
pub use watching::Watched;

use crate::booking::Engine;
use crate::counters::Counters;
use crate::holds::{HoldMirror, HoldRules, Holds};
use crate::idempotency::InFlight;
use crate::ids::Ids;
use crate::keycloak::KeycloakSync;
use crate::lifecycle::Lifecycle;
use crate::live::Live;
use crate::liveness::Liveness;
use crate::store::{Actor, Store};
use access::{PeopleCache, Standings};
use happening_core::booking::{Context, EventState, Limits};
use happening_core::clock::Clock;
use happening_core::id::EventId;
use std::sync::Arc;
use std::time::Duration;
use unit_of_work::Effects;

/// Events that questions were asked about, and for how long they are remembered.
const STATES: u64 = 32;
const STATE_KEPT: Duration = Duration::from_secs(10);

/// What the use cases work with.
pub struct Services {
    /// The truth.
    pub store: Arc<dyn Store>,
    /// Whether the truth answers.
    pub store_liveness: Liveness,
    /// Where bookings are decided.
    pub engine: Engine,
    /// Redis, or its stand-in.
    pub counters: Arc<dyn Counters>,
    /// Whether the counters answer.
    pub counters_liveness: Liveness,
    /// Who is picking which seats; answers when the counters do.
    pub holds: Arc<dyn Holds>,
    /// How long seats are held, and how many.
    pub hold_rules: HoldRules,
    /// What is known of holds without asking.
    pub held: Arc<HoldMirror>,
    /// What is published to those who watch.
    pub live: Live,
    /// Time.
    pub clock: Clock,
    /// Fresh ids.
    pub ids: Ids,
    /// How much one decision may do.
    limits: Limits,
    /// What operators look at besides.
    pub operations: Operations,
    in_flight: InFlight,
    /// What is kept in step with Keycloak; absent without a service account there.
    pub keycloak: Option<KeycloakSync>,
    people: PeopleCache,
    /// Begins what is written.
    units: Units,
    standings: Standings,
    /// Events that questions were asked about.
    states: moka::sync::Cache<EventId, Arc<EventState>>,
    /// Whether events take bookings, for a moment.
    sales: sockets::Sales,
    /// Dry runs that may begin.
    trials: trial::Turns,
    /// Long work that may begin.
    jobs: jobs::Bell,
}

impl Services {
    /// The use cases over these parts.
    pub fn new(
        parts: crate::booking::EngineParts,
        engine: Engine,
        operations: Operations,
        keycloak: Option<KeycloakSync>,
        holds: Arc<dyn Holds>,
        hold_rules: HoldRules,
        held: Arc<HoldMirror>,
    ) -> Self {
        let (people, standings) = (PeopleCache::default(), access::standings());
        let effects = Effects {
            people: people.clone(),
            standings: standings.clone(),
            live: parts.live.clone(),
            keycloak: keycloak.clone(),
        };
        Self {
            units: Units::new(parts.store.clone(), effects),
            store: parts.store,
            store_liveness: parts.store_liveness,
            engine,
            counters: parts.counters,
            counters_liveness: parts.counters_liveness,
            holds,
            hold_rules,
            held,
            live: parts.live,
            clock: parts.clock,
            ids: parts.ids,
            limits: parts.limits,
            operations,
            in_flight: InFlight::default(),
            keycloak,
            people,
            standings,
            states: moka::sync::Cache::builder().max_capacity(STATES).time_to_live(STATE_KEPT).build(),
            sales: sockets::Sales::default(),
            trials: trial::Turns::new(),
            jobs: jobs::Bell::default(),
        }
    }

    /// The same, whose commits the daemon waits for at its end.
    #[must_use]
    pub fn tracked_by(self, lifecycle: &Lifecycle) -> Self {
        Self { units: self.units.tracked_by(lifecycle), ..self }
    }

    /// The circumstances of a decision now.
    fn context(&self) -> Context {
        Context { now: self.clock.now(), limits: self.limits }
    }

    /// The caller, acting now.
    fn actor(&self, caller: &Caller) -> Actor {
        caller.actor(self.clock.now())
    }
}
