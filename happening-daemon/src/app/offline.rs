//! Comparing and making right without serving anybody: for the command `reconcile`.

use super::Foundation;
use crate::booking::Engine;
use crate::config::Config;
use crate::holds::HoldMirror;
use crate::lifecycle::Lifecycle;
use crate::liveness::Liveness;
use crate::service::Reconciliation;
use crate::store::Actor;
use anyhow::Context;
use happening_core::wire::Reconciled;
use std::sync::Arc;
use std::time::Duration;

/// Compares bookings, seats, figures and counters on the configured parts, and makes right what is derived if `fix` says so.
/// A database that is away is an error: nobody waits for it.
pub async fn reconcile(config: &Config, fix: bool, lifecycle: &Lifecycle) -> anyhow::Result<Reconciled> {
    let base = Foundation::open(config, lifecycle)?;
    base.store.ping().await.context("the database does not answer")?;
    base.migrate().await?;
    base.store_liveness.beat(Duration::ZERO);
    let (holds, _) = super::holds(config, &base)?;
    let counters_liveness = Liveness::new("counters");
    let live =
        super::start_live(config, &base, &counters_liveness, (&holds, &Arc::new(HoldMirror::default())))?;
    // Notifications stay in the outbox: the next daemon finds it due.
    let (parts, _) = super::engine_parts(config, &base, counters_liveness.clone(), live)?;
    let engine = Engine::start(&parts, 1, lifecycle);
    let reconciliation = Reconciliation {
        store: base.store.clone(),
        counters: config.redis_url.is_some().then(|| parts.counters.clone()),
        counters_liveness,
        engine,
    };
    drop(parts);
    let by = Actor::daemon(base.clock.now());
    let report = reconciliation.all(fix.then_some(&by)).await;
    // Commits that are under way are projected before the end.
    drop(reconciliation);
    lifecycle.begin_end();
    lifecycle.end().await;
    report.map_err(|error| anyhow::anyhow!(error.detail))
}
