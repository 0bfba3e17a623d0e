//! Dry runs, all of them: every write of the table of routes × everybody who may come, on both parts. Nothing that is
//! stored anywhere is another afterwards, and the real request, made then, is answered alike.
//!
//! A route that is added is in here by its row in `table.txt`.

use super::people::Caller;
use super::rows::{Row, rows};
use super::told;
use super::world::World;
use crate::raw::Answer;
use crate::support::books::whole::Whole;
use crate::support::parts::Parts;
use happening_daemon::http::{ROUTES, Route, Work};
use serde_json::Value;
use std::collections::BTreeSet;

on_both_parts!(trying_changes_nothing_and_foretells_the_answer);

async fn trying_changes_nothing_and_foretells_the_answer(parts: Parts) {
    let world = World::make(parts).await;
    let whole = Whole::of(world.parts()).await;
    for caller in Caller::ALL {
        // Whoever comes for the first time is noted, whatever they ask for.
        world.send(reqwest::Method::GET, "/organizations", None, caller).await;
    }
    let mut wrong = Vec::new();
    let mut told = 0;
    for row in rows().into_iter().filter(|row| row.method() != reqwest::Method::GET) {
        for caller in Caller::ALL {
            match check(&world, &whole, &row, caller).await {
                Ok(was_done) => told += usize::from(was_done),
                Err(reason) => {
                    wrong.push(format!("{} ({}) by {caller:?}: {reason}", row.route, row.about));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(told > 50, "only {told} writes were foretold");
}

/// Whether it would have been done.
async fn check(world: &World, whole: &Whole, row: &Row, caller: Caller) -> Result<bool, String> {
    let (path, body) = world.fill(row, caller).await;
    whole.rests().await;
    let before = whole.dump().await;
    let mark = if path.contains('?') { '&' } else { '?' };
    let dry = world.send(row.method(), &format!("{path}{mark}dry_run=true"), body.clone(), caller).await;
    let after = whole.dump().await;
    let changed: Vec<_> =
        before.keys().chain(after.keys()).filter(|key| before.get(*key) != after.get(*key)).collect();
    if !changed.is_empty() {
        return Err(format!("{} changed {changed:?}: {}", dry.status, dry.text));
    }
    let (method, route) = row.route.split_once(' ').expect("a route");
    let is_untried = |known: &Route| (known.method, known.path, known.work) == (method, route, Work::Untried);
    if ROUTES.iter().any(is_untried) {
        dry.problem(&row.route, 400, "dry_run_unsupported");
        return Ok(false);
    }
    let real = world.send(row.method(), &path, body, caller).await;
    foretold(&dry, &real).map(|()| real.status < 300)
}

fn foretold(dry: &Answer, real: &Answer) -> Result<(), String> {
    if dry.header("Dry-Run") != Some("true") {
        return Err(format!("does not say that it was tried: {}", dry.text));
    }
    if real.status >= 300 {
        let is_alike = told(dry) == told(real);
        return if is_alike { Ok(()) } else { Err(format!("foretold {}, came {}", dry.text, real.text)) };
    }
    if dry.status != 200 || members(&dry.json()) != members(&real.json()) {
        return Err(format!("foretold {}: {}, came {}: {}", dry.status, dry.text, real.status, real.text));
    }
    Ok(())
}

fn members(body: &Value) -> BTreeSet<String> {
    body.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
}
