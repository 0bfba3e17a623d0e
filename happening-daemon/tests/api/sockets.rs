//! Socket.IO as the web client uses it, through its official client: over each transport, against one daemon, and against
//! two that share their parts.

use crate::support::Daemon;
use crate::support::node::{self, HASTY, NARROW, PATIENT, Running, Transports};
use crate::support::parts::Parts;
use std::time::Duration;

on_both_parts!(
    the_contract_holds_over_polling_and_websocket,
    the_contract_holds_over_polling_alone,
    the_contract_holds_over_websocket_alone,
    abuse_is_refused_and_told_and_nobody_else_notices,
    a_flood_over_one_connection_keeps_nobody_else_out,
    a_crowd_is_counted_right,
    holds_are_whose_they_are,
    who_is_removed_holds_in_their_name_no_longer,
    sockets_are_closed_at_the_end,
);

/// What the web client relies on.
const CONTRACT: &[&str] = &[
    "holds_are_set_told_kept_and_cleared",
    "a_closed_window_is_told_once",
    "heartbeats_are_answered_and_nobody_else_hears_them",
    "many_changes_reach_a_room_a_few_times_a_second",
    "people_go_before_anonymous_sockets",
    "each_change_is_told_once_and_in_order",
    "two_fight_for_seats_and_one_has_them",
    "a_lost_connection_frees_and_comes_back",
    "a_token_opens_no_rooms_and_a_bad_one_opens_nothing",
    "one_person_holds_so_many_seats_over_all_sockets",
    "the_invited_person_is_told_and_nobody_else",
];

/// Whose a hold is, and where there are none.
const RIGHTS: &[&str] = &[
    "a_stranger_who_is_signed_in_keeps_nobody_from_booking",
    "who_is_suspended_is_nobody_to_their_sockets",
    "who_is_suspended_is_told_of_no_invites",
    "a_suspended_organization_gives_no_holds",
    "an_event_that_takes_no_bookings_gives_no_holds",
    "what_is_booked_is_not_held",
    "a_new_capacity_counts_at_once",
    "ones_own_seat_is_no_conflict",
];

/// The same of daemons whose holds run out soon.
const EXPIRY: &[&str] = &["holds_run_out_unless_a_heart_beats"];

async fn the_contract_holds_over(parts: Parts, transports: Transports) {
    let one = Daemon::start(&parts).await;
    node::run(&node::stage(&[&one], transports).await, CONTRACT).await;
    let hasty = Daemon::start_on(&parts, 0, HASTY).await;
    node::run(&node::stage(&[&hasty], transports).await, EXPIRY).await;
}

async fn the_contract_holds_over_polling_and_websocket(parts: Parts) {
    the_contract_holds_over(parts, Transports::Default).await;
}

async fn the_contract_holds_over_polling_alone(parts: Parts) {
    the_contract_holds_over(parts, Transports::Polling).await;
}

async fn the_contract_holds_over_websocket_alone(parts: Parts) {
    the_contract_holds_over(parts, Transports::WebSocket).await;
}

async fn abuse_is_refused_and_told_and_nobody_else_notices(parts: Parts) {
    let one = Daemon::start_on(&parts, 0, NARROW).await;
    let rules = [
        "ten_thousand_rapid_changes_are_refused_and_told",
        "a_megabyte_is_refused",
        "malformed_packets_harm_nobody",
        "nobody_holds_for_somebody_else",
        "pages_of_other_origins_do_not_connect",
        "anonymous_seats_of_one_address_are_bounded",
        "too_many_sockets_of_one_address_are_told",
        "a_crowd_of_strangers_keeps_no_signed_in_person_out",
    ];
    node::run(&node::stage(&[&one], Transports::Default).await, &rules).await;
}

async fn a_flood_over_one_connection_keeps_nobody_else_out(parts: Parts) {
    let one = Daemon::start(&parts).await;
    let rule = "a_flood_over_one_connection_keeps_nobody_else_out";
    node::run(&node::stage(&[&one], Transports::Default).await, &[rule]).await;
}

async fn a_crowd_is_counted_right(parts: Parts) {
    let one = Daemon::start(&parts).await;
    node::run(&node::stage(&[&one], Transports::Default).await, &["the_page_counts_right_in_a_crowd"]).await;
}

async fn holds_are_whose_they_are(parts: Parts) {
    // So that nothing is right by running out.
    let one = Daemon::start_on(&parts, 0, PATIENT).await;
    node::run(&node::stage(&[&one], Transports::Default).await, RIGHTS).await;
}

async fn who_is_removed_holds_in_their_name_no_longer(parts: Parts) {
    let one = Daemon::start_on(&parts, 0, PATIENT).await;
    let rule = "who_is_removed_holds_in_their_name_no_longer";
    node::run(&node::stage(&[&one], Transports::Default).await, &[rule]).await;
}

async fn sockets_are_closed_at_the_end(parts: Parts) {
    let one = Daemon::start(&parts).await;
    let stage = node::stage(&[&one], Transports::Default).await;
    let mut watching = Running::start(&stage, "the_end_of_a_daemon_closes_its_sockets");
    watching.reaches("ending").await;
    let (status, took) = one.terminate().await;
    assert!(status.success() && took < Duration::from_secs(5), "{status} after {took:?}");
    watching.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_that_a_daemon_takes_along_are_told_elsewhere() {
    let parts = Parts::real().await;
    let one = Daemon::start_on(&parts, 0, PATIENT).await;
    let other = Daemon::start_on(&parts, 0, PATIENT).await;
    let stage = node::stage(&[&one, &other], Transports::Default).await;
    let mut watching = Running::start(&stage, "holds_that_a_daemon_takes_along_are_told_elsewhere");
    watching.reaches("ending").await;
    let (status, took) = one.terminate().await;
    assert!(status.success() && took < Duration::from_secs(5), "{status} after {took:?}");
    watching.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_are_as_one() {
    let parts = Parts::real().await;
    let (one, other) = (Daemon::start(&parts).await, Daemon::start(&parts).await);
    for transports in [Transports::Default, Transports::Polling, Transports::WebSocket] {
        node::run(&node::stage(&[&one, &other], transports).await, CONTRACT).await;
    }
    let stage = node::stage(&[&one, &other], Transports::Default).await;
    node::run(&stage, &["the_page_counts_right_in_a_crowd"]).await;
    let hasty = [Daemon::start_on(&parts, 0, HASTY).await, Daemon::start_on(&parts, 0, HASTY).await];
    node::run(&node::stage(&[&hasty[0], &hasty[1]], Transports::Default).await, EXPIRY).await;
}
