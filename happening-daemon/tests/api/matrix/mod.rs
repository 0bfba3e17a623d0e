//! Who may do what, all of it: every route of the table × everybody who may come, with the status that each gets.
//!
//! A route that has no row here fails the test, so nobody adds one without saying who may use it. Where the answer is 404
//! because the thing is not the caller's to know of, it must be word for word the answer for a thing that does not exist.
//!
//! To add a route: a line in `table.txt`; if it is about a new kind of thing, how one is made in `world.rs`.

mod dry_run;
mod people;
mod rows;
mod world;

use crate::raw::Answer;
use crate::support::parts::Parts;
use happening_daemon::http::{ROUTES, Route, Work};
use people::Caller;
use rows::{Row, Who, rows};
use std::collections::BTreeSet;
use world::World;

on_both_parts!(everybody_gets_from_every_route_what_is_theirs);

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let known: BTreeSet<String> = ROUTES.iter().map(name).collect();
    let tested: BTreeSet<String> = rows().iter().map(|row| row.route.clone()).collect();
    let missing: Vec<_> = known.difference(&tested).collect();
    assert!(missing.is_empty(), "no row says who may use {missing:?}");
    let stale: Vec<_> = tested.difference(&known).collect();
    assert!(stale.is_empty(), "there is no route {stale:?}");
}

#[test]
fn who_sends_no_token_is_answered_at_public_routes_alone() {
    let public = ROUTES.iter().filter(|route| route.work == Work::Public);
    let public: BTreeSet<String> = public.map(name).collect();
    let answered = rows().into_iter().filter(|row| matches!(row.who, Who::Anybody(_)));
    assert_eq!(answered.map(|row| row.route).collect::<BTreeSet<_>>(), public);
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

async fn everybody_gets_from_every_route_what_is_theirs(parts: Parts) {
    let world = World::make(parts).await;
    let mut wrong = Vec::new();
    for row in rows() {
        for caller in Caller::ALL {
            if let Err(reason) = check(&world, &row, caller).await {
                wrong.push(format!("{} ({}) by {caller:?}: {reason}", row.route, row.about));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

async fn check(world: &World, row: &Row, caller: Caller) -> Result<(), String> {
    let expected = match &row.who {
        Who::Anybody(status) => *status,
        Who::Known(_) if caller.is_refused() => 401,
        Who::Known(statuses) => statuses[caller.column()],
    };
    let (path, body) = world.fill(row, caller).await;
    let answer = world.send(row.method(), &path, body, caller).await;
    if answer.status != expected {
        return Err(format!("{} instead of {expected}: {} {}", answer.status, path, answer.text));
    }
    if expected == 404 && row.is_about_something() {
        let (path, body) = world.fill_with_absent(row, caller).await;
        let absent = world.send(row.method(), &path, body, caller).await;
        if told(&absent) != told(&answer) {
            return Err(format!("the foreign: {}\n  the absent: {}", answer.text, absent.text));
        }
    }
    Ok(())
}

/// An answer without what differs each time.
fn told(answer: &Answer) -> (u16, serde_json::Value) {
    let mut body = answer.json();
    body.as_object_mut().expect("a problem").remove("request_id");
    (answer.status, body)
}
