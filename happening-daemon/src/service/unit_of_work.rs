//! A unit of work: a transaction, and what happens after its commit.
//!
//! A use case that writes has three parts. It checks the caller's right, from what is committed. It begins a unit, in which
//! the rules read and write rows and add [`Effect`]s. It commits the unit, which runs the effects.
//!
//! - While a unit is open, nothing but the unit is awaited. The rules are functions of `&mut UnitOfWork`, so they reach
//!   nothing else.
//! - A unit that is dropped (a refusal, a request whose client went away) is rolled back, and its effects are dropped.
//! - A commit runs in a task of the daemon: a request that goes away does not cut it or its effects off.
//! - A dry run is the same unit. Its commit rolls back and drops the effects.
//!
//! To add an effect: a variant of [`Effect`], and what it does in [`Effects::run`], which must not wait.

use super::access::{self, PeopleCache, Standings};
use super::{Caller, Error, Quotas, Services};
use crate::keycloak::KeycloakSync;
use crate::lifecycle::Lifecycle;
use crate::live::Live;
use crate::store::{Actor, Ending, KeycloakTask, Store, Tx};
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::InviteTold;
use std::ops::{Deref, DerefMut};
use std::panic::resume_unwind;
use std::sync::Arc;

/// What happens after a commit, and only then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Everybody is looked up again at their next request.
    ForgetEverybody,
    /// Whether anything may be changed in an organization is looked up again.
    ForgetStanding(OrganizationId),
    /// The person with this `sub` is looked up again at their next request.
    ForgetPerson(String),
    /// The sockets of the addressee are sent the invite.
    PublishInvite {
        /// An e-mail address, or an account (`account_addressee`).
        addressee: String,
        /// What they are sent.
        invite: InviteTold,
    },
    /// The Keycloak sync looks for tasks at once.
    WakeKeycloak,
}

/// What effects act on.
#[derive(Clone)]
pub(super) struct Effects {
    pub people: PeopleCache,
    pub standings: Standings,
    pub live: Live,
    pub keycloak: Option<KeycloakSync>,
}

impl Effects {
    fn run(&self, effect: Effect) {
        match effect {
            Effect::ForgetEverybody => self.people.forget_everybody(),
            Effect::ForgetStanding(organization) => self.standings.invalidate(&organization),
            Effect::ForgetPerson(subject) => self.people.forget(&subject),
            Effect::PublishInvite { addressee, invite } => self.live.invited(&addressee, invite),
            Effect::WakeKeycloak => {
                if let Some(keycloak) = &self.keycloak {
                    keycloak.wake();
                }
            }
        }
    }
}

/// Begins units of work.
#[derive(Clone)]
pub(crate) struct Units {
    store: Arc<dyn Store>,
    ending: Ending,
    effects: Effects,
    lifecycle: Lifecycle,
    quotas: Quotas,
}

impl Units {
    /// Units that are committed, in tasks that nobody waits for at the end of the daemon.
    pub(super) fn new(store: Arc<dyn Store>, effects: Effects) -> Self {
        let (lifecycle, quotas) = (Lifecycle::default(), Quotas::default());
        Self { store, ending: Ending::Commit, effects, lifecycle, quotas }
    }

    /// Units whose effects reach nobody, because nobody is there yet.
    pub(crate) fn without_effects(store: Arc<dyn Store>) -> Self {
        let live = Live::silent(store.is_shared());
        let (people, standings) = (PeopleCache::default(), access::standings());
        Self::new(store, Effects { people, standings, live, keycloak: None })
    }

    /// The same, in tasks of the daemon.
    pub(super) fn tracked_by(self, lifecycle: &Lifecycle) -> Self {
        Self { lifecycle: lifecycle.clone(), ..self }
    }

    /// The same as dry runs.
    pub(super) fn dry(&self) -> Self {
        Self { ending: Ending::RollBack, ..self.clone() }
    }

    /// The same with quotas.
    pub(super) fn with_quotas(self, quotas: Quotas) -> Self {
        Self { quotas, ..self }
    }

    /// How much may be in the tables.
    pub(super) fn quotas(&self) -> Quotas {
        self.quotas
    }

    /// Begins one.
    pub(crate) async fn begin(&self, by: Actor) -> Result<UnitOfWork, Error> {
        let tx = self.store.begin(&by, self.ending).await?;
        let (effects, units) = (Vec::new(), self.clone());
        Ok(UnitOfWork { tx, by, effects, units, changes_shared_answers: true })
    }
}

/// A unit of work. Its rows are those of [`Tx`].
pub(crate) struct UnitOfWork {
    tx: Box<dyn Tx>,
    by: Actor,
    effects: Vec<Effect>,
    units: Units,
    /// Whether an answer that many share (`http/shared_reads.rs`) may be another after the commit.
    changes_shared_answers: bool,
}

impl UnitOfWork {
    /// When everything in this unit happens.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.by.now
    }

    /// How much may be in the tables, for who acts.
    pub(crate) fn quotas(&self) -> Quotas {
        self.units.quotas
    }

    /// Adds what happens after the commit; the same effect happens once.
    pub(crate) fn after_commit(&mut self, effect: Effect) {
        if !self.effects.contains(&effect) {
            self.effects.push(effect);
        }
    }

    /// Nothing that is written in this unit is part of an answer that many share: these stay.
    pub(crate) fn keep_shared_answers(&mut self) {
        self.changes_shared_answers = false;
    }

    /// What is remembered of a user ends with the commit.
    pub(crate) async fn forget(&mut self, user: UserId) -> Result<(), Error> {
        if let Some(user) = self.tx.find_user(user).await? {
            self.after_commit(Effect::ForgetPerson(user.keycloak_id));
        }
        Ok(())
    }

    /// Queues what Keycloak is to be sent. The sync looks for it after the commit.
    pub(crate) async fn queue(&mut self, task: &KeycloakTask) -> Result<(), Error> {
        self.tx.queue_task(task).await?;
        self.after_commit(Effect::WakeKeycloak);
        Ok(())
    }

    /// What happens after the commit.
    #[cfg(test)]
    pub(crate) fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// Keeps what was done, after which no answer that was read before is sent to anybody, and runs the effects; in a dry run, takes it back and drops them.
    pub(crate) async fn commit(self) -> Result<(), Error> {
        let Self { tx, effects, units, changes_shared_answers, .. } = self;
        let Units { ending, effects: targets, lifecycle, .. } = units;
        let committing = lifecycle.start(async move {
            match ending {
                Ending::RollBack => tx.roll_back().await,
                Ending::Commit => {
                    tx.commit().await?;
                    if changes_shared_answers {
                        targets.live.changes().note_all();
                    }
                    for effect in effects {
                        targets.run(effect);
                    }
                    Ok(())
                }
            }
        });
        match committing.await {
            Ok(Some(outcome)) => Ok(outcome?),
            Ok(None) => Err(Error::unavailable()),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => Err(Error::unavailable()),
            },
        }
    }
}

impl Deref for UnitOfWork {
    type Target = dyn Tx;

    fn deref(&self) -> &Self::Target {
        &*self.tx
    }
}

impl DerefMut for UnitOfWork {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.tx
    }
}

impl Services {
    /// Begins a unit of work of the caller, now.
    pub(super) async fn begin(&self, caller: &Caller) -> Result<UnitOfWork, Error> {
        let units = self.units.clone().with_quotas(self.quotas_of(caller));
        units.begin(self.actor(caller)).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::units;
    use super::*;
    use crate::store::contract::kit::{Kit, at, by};
    use crate::testing::{TestStore, in_memory};
    use futures::FutureExt as _;
    use happening_core::wire::InviteBlock;

    async fn blocks(kit: &Kit) -> Vec<InviteBlock> {
        kit.store.list_invite_blocks(kit.organizer).await.expect("readable")
    }

    async fn block(kit: &Kit, units: &Units) -> UnitOfWork {
        let mut unit = units.begin(by(at(1))).await.expect("a unit");
        unit.insert_invite_block(kit.organizer, kit.organization).await.expect("a row");
        unit.after_commit(Effect::ForgetPerson("sub-olga".to_owned()));
        unit
    }

    #[tokio::test]
    async fn a_commit_keeps_what_was_done_and_then_runs_the_effects() {
        in_memory(async |db: TestStore| {
            let kit = Kit::new(db).await;
            let units = units(&kit.store);
            units.effects.people.remember_for_tests("sub-olga");
            block(&kit, &units).await.commit().await.expect("a commit");
            assert_eq!(blocks(&kit).await.len(), 1);
            assert!(!units.effects.people.remembers("sub-olga"));
        })
        .await;
    }

    #[tokio::test]
    async fn a_dry_run_and_a_unit_that_is_dropped_change_nothing_and_have_no_effects() {
        in_memory(async |db: TestStore| {
            let kit = Kit::new(db).await;
            let units = units(&kit.store);
            units.effects.people.remember_for_tests("sub-olga");
            block(&kit, &units.dry()).await.commit().await.expect("a dry run");
            assert_eq!(blocks(&kit).await, []);
            drop(block(&kit, &units).await);
            assert_eq!(blocks(&kit).await, []);
            assert!(units.effects.people.remembers("sub-olga"));
        })
        .await;
    }

    #[tokio::test]
    async fn a_request_that_goes_away_cuts_no_commit() {
        in_memory(async |db: TestStore| {
            let kit = Kit::new(db).await;
            let lifecycle = Lifecycle::default();
            let units = units(&kit.store).tracked_by(&lifecycle);
            units.effects.people.remember_for_tests("sub-olga");
            let unit = block(&kit, &units).await;
            assert!(unit.commit().now_or_never().is_none(), "polled once, then dropped");
            lifecycle.end().await;
            assert_eq!(blocks(&kit).await.len(), 1);
            assert!(!units.effects.people.remembers("sub-olga"));
        })
        .await;
    }
}
