//! Every command once, in one snapshot: what it prints where all is well. A command without a case fails the test.

use crate::support::{Daemon, ID, TOKEN, event, happening, home, process};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;

/// What is run, in this order: some commands leave something for the next.
const CASES: &[&str] = &[
    "whoami",
    "status",
    "doctor",
    "config list",
    "config set storage file",
    "config unset storage",
    "context add local {url} --use",
    "context list",
    "context use local",
    "context remove local",
    "event create --org Jazz --name Gala --date 2026-12-01T19:00 --seats 5",
    "event list",
    "event get {id}",
    "event update {id} --seats 9",
    "event resize {id} --seats 9",
    "event resize {id} --seats 9 --plan",
    "event cancel {id} --yes",
    "event delete {id} --yes",
    "event reassign {id} --to ada",
    "event seats {id}",
    "event hold {id} --seat 3-4",
    "event release {id} {id}",
    "event wait {id} --for=available",
    "booking create {id} --seats 2",
    "booking list",
    "booking get {id}",
    "booking cancel {id} --yes",
    "booking cancel-seats {id} --seat 2 --yes",
    "booking move {id} --seats 3-4",
    "booking history {id}",
    "booking export --event {id}",
    "booking wait {id} --for=confirmed",
    "waitlist list {id}",
    "waitlist why {id}",
    "waitlist simulate {id} --cancel {id} --seat 1-2",
    "waitlist simulate {id} --capacity 9",
    "waitlist promote {id} --booking {id}",
    "waitlist remove {id} --yes",
    "org create --name Jazz --timezone Europe/Berlin",
    "org list",
    "org get Jazz",
    "org members Jazz",
    "org update Jazz --timezone Asia/Tokyo",
    "org transfer Jazz --to ada --yes",
    "org suspend Jazz --yes",
    "org resume Jazz",
    "org delete Jazz --yes",
    "org service-accounts Jazz",
    "org map-service-account Jazz bot organizer",
    "org unmap-service-account Jazz bot --yes",
    "org audit Jazz --actor ada",
    "audit",
    "org set-role Jazz ada organizer",
    "org remove-member Jazz ada --yes",
    "invite send ada@example.org --org Jazz --role organizer",
    "invite list",
    "invite accept {id}",
    "invite reject {id}",
    "invite resend {id}",
    "invite revoke {id} --yes",
    "invite blocks",
    "invite unblock Jazz",
    "user list --search ad",
    "user get ada",
    "user suspend ada --yes",
    "user resume ada",
    "user export",
    "user erase ada --yes",
    "notification list",
    "notification list --unread --type booking_confirmed",
    "notification read {id}",
    "notification read --all",
    "notification undelivered",
    "notification preview --type booking_confirmed --lang de",
    "notification resend {id}",
    "redis inspect {id}",
    "redis inspect {id} --check",
    "redis keys --match event:*",
    "queue status",
    "queue parked",
    "queue requeue --all",
    "queue requeue {id} 0197a1b2-0000-7000-8000-000000000002",
    "queue discard {id} --yes",
    "reconcile",
    "reconcile {id} --fix",
    "reconcile status",
    "reconcile status {id} --wait",
    "reconcile cancel {id}",
    "apply -f {file}",
    "diff -f {file}",
    "export Jazz",
    "api GET /events",
    "logout",
];

/// Tested where more is to be said of them.
const ELSEWHERE: &[&str] = &[
    "event import",
    "event calendar",
    "event watch",
    "waitlist watch",
    "login",
    "demo",
    "smoke",
    "load",
    "completion",
    "man",
    "help",
];

/// For a file.
const ORGANIZATION: &str = "\
happening: 1
organization: {name: Jazz}
members:
  - {who: ada, role: orgAdmin}
events:
  - {name: Gala, date: 2026-12-01T20:00, seats: 9}
";

fn user() -> Value {
    json!({
        "id": ID, "keycloak_id": "ada", "username": "ada", "email": "ada@example.org", "first_name": "Ada",
        "last_name": "Lovelace", "phone": null, "avatar_url": null, "status": "active",
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        "organizations": [{"organization_id": ID, "role": "orgAdmin", "organization_name": "Jazz",
            "keycloak_org_id": null}],
    })
}

fn booking() -> Value {
    json!({
        "id": ID, "event_id": ID, "user_id": ID, "seats": 2, "status": "confirmed", "waiting_number": null,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z", "assigned_seats": [1, 2],
    })
}

fn organization() -> Value {
    json!({
        "id": ID, "name": "Jazz", "keycloak_org_id": null, "created_at": "2026-11-01T00:00:00Z",
        "settings": {"timezone": "Europe/Berlin"}, "member_count": 2, "owner_username": "ada",
    })
}

/// A daemon at which all is well.
pub fn daemon() -> Daemon {
    let routes = [
        of_itself(),
        of_people(),
        of_events(),
        of_bookings(),
        of_lines(),
        of_organizations(),
        of_operations(),
        of_notifications(),
    ]
    .concat();
    let script: Vec<_> = routes.iter().map(|(route, body)| (*route, 200, body.to_string())).collect();
    Daemon::start(
        &script.iter().map(|(route, status, body)| (*route, *status, body.as_str())).collect::<Vec<_>>(),
    )
}

type Routes = Vec<(&'static str, Value)>;

/// What it says of itself, and of the caller.
fn of_itself() -> Routes {
    let happening = json!({
        "name": "Happening", "version": env!("CARGO_PKG_VERSION"), "issuer": "{url}", "audience": "happening-server",
        "clients": {"cli": "happening-cli", "web": "happening-client"}, "dry_runs": true,
    });
    let issuer = json!({
        "issuer": "{url}", "token_endpoint": "{url}/token", "device_authorization_endpoint": "{url}/device",
    });
    let ready =
        json!({"status": "ok", "parts": {"store": {"kind": "sqlite", "state": "ok", "latency_ms": 0.2}}});
    let done = json!({"ok": true});
    vec![
        ("GET /.well-known/happening", happening),
        ("GET /.well-known/openid-configuration", issuer),
        ("GET /healthz", done),
        ("GET /readyz", ready),
        ("GET /users", json!([user()])),
    ]
}

/// `/org-invites` and `/users`
fn of_people() -> Routes {
    let invite = json!({
        "id": ID, "organization_id": ID, "organization_name": "Jazz", "email": "ada@example.org",
        "role": "organizer", "invited_by": ID, "invited_by_username": "bix", "message": "come and play",
        "expires_at": "2026-11-08T00:00:00Z", "status": "pending", "created_at": "2026-11-01T00:00:00Z",
        "updated_at": "2026-11-01T00:00:00Z",
    });
    let mut with_token = invite.clone();
    with_token["token"] = json!("once");
    let sent = json!({"message": "sent", "invite": with_token, "organizationName": "Jazz"});
    let data = json!({
        "exported_at": "2026-11-01T00:00:00Z", "user": user(), "memberships": [], "bookings": [],
        "notifications": [], "invites_sent": [], "invites_received": [], "audit": [],
    });
    let blocks = json!([{
        "organization_id": ID, "organization_name": "Jazz", "created_at": "2026-11-01T00:00:00Z",
    }]);
    let done = json!({"ok": true});
    vec![
        ("POST /org-invites", sent.clone()),
        ("POST /org-invites/0197a1b2-0000-7000-8000-000000000001/resend", sent),
        ("GET /org-invites/pending/0197a1b2-0000-7000-8000-000000000001", json!([invite])),
        ("POST /org-invites/accept/0197a1b2-0000-7000-8000-000000000001", invite.clone()),
        ("POST /org-invites/reject/0197a1b2-0000-7000-8000-000000000001", invite),
        ("DELETE /org-invites/0197a1b2-0000-7000-8000-000000000001", done.clone()),
        ("GET /users/0197a1b2-0000-7000-8000-000000000001/invite-blocks", blocks),
        (
            "DELETE /users/0197a1b2-0000-7000-8000-000000000001/invite-blocks/0197a1b2-0000-7000-8000-000000000001",
            done.clone(),
        ),
        ("GET /users/0197a1b2-0000-7000-8000-000000000001", user()),
        ("PUT /users/0197a1b2-0000-7000-8000-000000000001/status", user()),
        ("GET /users/0197a1b2-0000-7000-8000-000000000001/export", data),
        ("POST /users/0197a1b2-0000-7000-8000-000000000001/erase", done),
    ]
}

/// `/events`
fn of_events() -> Routes {
    let waiting = json!([{
        "position": 1, "waiting_number": 7, "booking_id": ID, "user_id": ID, "username": "ada", "seats": 3,
        "created_at": "2026-11-01T00:00:00Z",
    }]);
    let done = json!({"ok": true});
    let hold =
        json!({"hold_token": ID, "seats": [3], "conflicts": [4], "expires_at": "2026-11-01T00:00:30Z"});
    let plan = json!({
        "event_id": ID, "version": 4, "total_slots": {"from": 5, "to": 9}, "allowed": true,
        "highest_booked_seat": 5, "available_slots": {"from": 0, "to": 2}, "waiting": {"from": 1, "to": 1},
        "promoted": [{"booking_id": ID, "user_id": ID, "waiting_number": 7, "seats": 2,
            "assigned_seats": [6, 7], "rest": 1, "passes_head": false}],
    });
    let seats = json!({"total": 5, "taken": [1, 2], "held": [4], "event": event("Gala")});
    vec![
        ("GET /events", json!([event("Gala")])),
        ("POST /events", event("Gala")),
        ("GET /events/0197a1b2-0000-7000-8000-000000000001", event("Gala")),
        ("PUT /events/0197a1b2-0000-7000-8000-000000000001", event("Gala")),
        ("DELETE /events/0197a1b2-0000-7000-8000-000000000001", done.clone()),
        ("POST /events/0197a1b2-0000-7000-8000-000000000001/reassign", event("Gala")),
        ("POST /events/0197a1b2-0000-7000-8000-000000000001/resize/plan", plan),
        ("GET /events/0197a1b2-0000-7000-8000-000000000001/seats", seats),
        ("GET /events/0197a1b2-0000-7000-8000-000000000001/waitlist", waiting),
        ("POST /events/0197a1b2-0000-7000-8000-000000000001/holds", hold),
        (
            "DELETE /events/0197a1b2-0000-7000-8000-000000000001/holds/0197a1b2-0000-7000-8000-000000000001",
            done,
        ),
    ]
}

/// `/bookings` and `/notifications`
fn of_bookings() -> Routes {
    let with_event = json!([{
        "booking_id": ID, "event_id": ID, "user_id": ID, "seats": 2, "status": "confirmed", "waiting_number": null,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z", "event_name": "Gala",
        "event_description": null, "category": null, "event_date": "2026-12-01T19:00:00Z", "total_slots": 5,
        "available_slots": 2, "org_id": ID,
    }]);
    let told = json!([{
        "id": ID, "user_id": ID, "event_id": ID, "booking_id": ID, "type": "booking_confirmed",
        "message": "Your booking is confirmed: seat 3.", "status": "sent", "created_at": "2026-11-01T00:00:00Z",
    }]);
    let mut moved = booking();
    moved["assigned_seats"] = json!([3, 4]);
    let history = json!([
        {"at": "2026-11-01T00:00:00Z", "action": "booked", "seats": 2, "reason": null, "actor_id": ID,
            "actor_username": "ada"},
        {"at": "2026-11-02T00:00:00Z", "action": "passed", "seats": 2, "reason": "a smaller party fitted",
            "actor_id": null, "actor_username": null},
    ]);
    let mut of_ada = booking();
    of_ada["username"] = json!("ada");
    of_ada["email"] = json!("=ada@example.org");
    let at_event = json!([of_ada]);
    let done = json!({"ok": true});
    vec![
        ("POST /bookings", booking()),
        ("GET /bookings/user/0197a1b2-0000-7000-8000-000000000001", with_event),
        ("GET /bookings/0197a1b2-0000-7000-8000-000000000001", booking()),
        ("POST /bookings/0197a1b2-0000-7000-8000-000000000001/cancel", done),
        (
            "POST /bookings/0197a1b2-0000-7000-8000-000000000001/cancel-seats",
            json!({"ok": true, "cancelled": 1}),
        ),
        ("GET /notifications/user/0197a1b2-0000-7000-8000-000000000001", told),
        ("POST /notifications/0197a1b2-0000-7000-8000-000000000001/read", json!({"ok": true})),
        (
            "POST /notifications/user/0197a1b2-0000-7000-8000-000000000001/read",
            json!({"read": 3, "more": false}),
        ),
        ("POST /bookings/0197a1b2-0000-7000-8000-000000000001/move", moved),
        ("GET /bookings/0197a1b2-0000-7000-8000-000000000001/history", history),
        ("GET /events/0197a1b2-0000-7000-8000-000000000001/bookings", at_event),
    ]
}

/// Waitlists.
fn of_lines() -> Routes {
    let served = json!([{
        "booking_id": ID, "user_id": ID, "waiting_number": 7, "seats": 2, "assigned_seats": [1, 2], "rest": 1,
        "passes_head": false,
    }]);
    let why = json!({
        "booking_id": ID, "event_id": ID, "status": "waiting", "reason": "behind_others",
        "explanation": "Number 2 in line: 1 ahead want 3 seats, 0 are free.", "seats": 2, "waiting_number": 8,
        "position": 2, "parties_ahead": 1, "seats_ahead": 3, "ahead": [{"position": 1, "seats": 3}],
        "available_slots": 0, "waitlist_policy": "split", "bypass_limit": 3, "head_passed": 0,
        "must_come_free": 5, "first_seats_after": 4,
    });
    let simulation = json!({
        "event_id": ID, "version": 9, "freed": 2, "promoted": served, "available_slots": {"from": 0, "to": 0},
        "waiting": {"from": 2, "to": 2},
    });
    let plan = json!({
        "event_id": ID, "version": 9, "total_slots": {"from": 10, "to": 9}, "allowed": false,
        "refusal": "Seat 10 is booked: capacity cannot go below it.", "highest_booked_seat": 10, "promoted": [],
        "available_slots": {"from": 0, "to": 0}, "waiting": {"from": 2, "to": 2},
    });
    let promoted = json!({"event_id": ID, "promoted": [{
        "booking_id": ID, "confirmed_booking_id": ID, "user_id": ID, "waiting_number": 8, "seats": [3, 4], "rest": 0,
    }]});
    vec![
        ("GET /bookings/0197a1b2-0000-7000-8000-000000000001/why", why),
        ("POST /events/0197a1b2-0000-7000-8000-000000000001/waitlist/simulate", simulation),
        ("POST /events/0197a1b2-0000-7000-8000-000000000001/resize/plan", plan),
        ("POST /events/0197a1b2-0000-7000-8000-000000000001/waitlist/promote", promoted),
    ]
}

/// What operators look at: the counters differ, and something is parked.
fn of_operations() -> Routes {
    let drift = json!({
        "kind": "counters_slots", "event_id": ID, "event_name": "Gala", "expected": "0", "found": "5",
        "cause": "changed by hand", "fixable": true, "fixed": false,
    });
    let mut healed = drift.clone();
    healed["fixed"] = json!(true);
    let inspected = json!({
        "event_id": ID, "name": "Gala", "kind": "redis", "agrees": false,
        "counters": {"slots": "5", "version": "7", "waiting": 1, "waitlist": [ID]},
        "store": {"total_slots": 9, "booked": 9, "slots": 0, "version": 7, "waiting": 1, "waitlist": [ID]},
        "holds": [{"seat": 3, "ttl_ms": 8250, "booked": true}], "drifts": [drift],
    });
    let status = json!({
        "queue": {"kind": "rabbitmq", "name": "notifications", "ready": 3, "unacknowledged": 1, "consumers": 2,
            "rates": {"publish": 1.5, "deliver": 1.0, "acknowledge": 1.0}},
        "outbox": {"pending": 4, "retrying": 1, "published_again": 0, "parked": 1, "oldest": "2026-11-01T00:00:00Z",
            "next_due": "2026-11-01T00:01:00Z"},
        "lag_seconds": 12, "worker": {"running": true, "sent": 40, "failed": 2, "parked": 1},
    });
    let parked = json!([{
        "id": ID, "kind": "message", "reason": "no JSON", "times": 2, "parked_at": "2026-11-01T00:00:00Z",
        "payload": "oh\u{1b}no", "payload_base64": "b2gbbm8=", "payload_bytes": 5,
    }]);
    let keys = json!({"keys": [{"key": "event:1:hold:3", "kind": "string", "ttl_ms": 8250},
        {"key": "event:1:slots", "kind": "string"}]});
    let done = json!({"ok": true});
    let report = json!({"events": 2, "drifts": [drift], "truncated": false, "found": 1, "fixed": 0});
    let job = json!({
        "id": ID, "kind": "reconcile", "state": "running", "requested_by": ID, "created_at": "2026-11-01T00:00:00Z",
        "started_at": "2026-11-01T00:00:01Z", "done": 1, "total": 2, "cancelling": false,
    });
    let under_way = job.clone();
    let mut over = job.clone();
    over["state"] = json!("done");
    over["finished_at"] = json!("2026-11-01T00:00:02Z");
    over["result"] = report.clone();
    vec![
        ("GET /admin/redis/events/0197a1b2-0000-7000-8000-000000000001", inspected),
        ("GET /admin/redis/keys", keys),
        ("GET /admin/queue", status),
        ("GET /admin/queue/parked", parked),
        ("POST /admin/queue/parked/0197a1b2-0000-7000-8000-000000000001/requeue", done.clone()),
        ("DELETE /admin/queue/parked/0197a1b2-0000-7000-8000-000000000001", done),
        ("GET /admin/reconcile", report.clone()),
        // Of all events a job, then of one a report.
        ("POST /admin/reconcile", under_way),
        (
            "POST /admin/reconcile",
            json!({"events": 1, "drifts": [healed], "truncated": false, "found": 1, "fixed": 1}),
        ),
        ("GET /admin/jobs", json!([job])),
        ("GET /admin/jobs/0197a1b2-0000-7000-8000-000000000001", over),
        ("POST /admin/jobs/0197a1b2-0000-7000-8000-000000000001/cancel", job),
    ]
}

/// `/admin/notifications`
fn of_notifications() -> Routes {
    let undelivered = json!([{
        "id": ID, "user_id": ID, "username": "ada", "event_id": ID, "type": "booking_confirmed",
        "message": "Your booking is confirmed: seat 3.", "status": "failed", "created_at": "2026-11-01T00:00:00Z",
        "tries": 8, "reason": "webhook: 503", "next_try": null, "parked_id": ID,
    }]);
    let preview = json!({
        "type": "booking_confirmed", "language": "de", "subject": "Buchung bestätigt: Gala",
        "text": "Guten Tag Ada,\n\nSie haben Platz 3.\n", "html": "<!doctype html>", "calendar": null,
    });
    vec![
        ("GET /admin/notifications/undelivered", undelivered),
        ("GET /admin/notifications/preview", preview),
        ("POST /admin/notifications/0197a1b2-0000-7000-8000-000000000001/resend", json!({"ok": true})),
    ]
}

/// `/organizations` and `/admin`
fn of_organizations() -> Routes {
    let of_user = json!([{
        "id": ID, "name": "Jazz", "keycloak_org_id": null, "created_at": "2026-11-01T00:00:00Z", "role": "orgAdmin",
        "joined_at": "2026-11-01T00:00:00Z", "member_count": 2,
    }]);
    let members = json!([{
        "id": ID, "username": "ada", "email": "ada@example.org", "role": "orgAdmin",
        "joined_at": "2026-11-01T00:00:00Z", "user_created_at": "2026-11-01T00:00:00Z",
    }]);
    let account = json!({
        "client_id": "bot", "user_id": ID, "username": "service-account-bot", "role": "organizer",
        "joined_at": "2026-11-01T00:00:00Z",
    });
    let audited = json!([{
        "id": 7, "at": "2026-11-01T00:00:00Z", "actor_id": ID, "actor_username": "ada",
        "action": "member.role_changed", "organization_id": ID, "target": {"kind": "user", "id": ID},
        "address": "127.0.0.1", "request_id": "req-7", "old": {"role": "user"}, "new": {"role": "organizer"},
    }]);
    let done = json!({"ok": true});
    vec![
        ("PUT /organizations/0197a1b2-0000-7000-8000-000000000001", organization()),
        ("DELETE /organizations/0197a1b2-0000-7000-8000-000000000001", done.clone()),
        ("POST /organizations/0197a1b2-0000-7000-8000-000000000001/transfer", organization()),
        ("PUT /organizations/0197a1b2-0000-7000-8000-000000000001/status", organization()),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001/service-accounts", json!([account])),
        ("POST /organizations/0197a1b2-0000-7000-8000-000000000001/service-accounts", account.clone()),
        ("DELETE /organizations/0197a1b2-0000-7000-8000-000000000001/service-accounts/bot", done.clone()),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001/audit", audited.clone()),
        ("GET /admin/audit", audited),
        ("GET /organizations", json!([organization()])),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001/invites", json!([])),
        ("POST /organizations", organization()),
        ("GET /organizations/user/0197a1b2-0000-7000-8000-000000000001", of_user),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001", organization()),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001/members", members),
        (
            "PUT /organizations/0197a1b2-0000-7000-8000-000000000001/members/0197a1b2-0000-7000-8000-000000000001",
            done.clone(),
        ),
        (
            "DELETE /organizations/0197a1b2-0000-7000-8000-000000000001/members/0197a1b2-0000-7000-8000-000000000001",
            done,
        ),
    ]
}

#[test]
fn every_command_prints_what_it_did() {
    // Its length is a column's width.
    let home = tempfile::tempdir_in("/tmp").unwrap();
    let daemon = daemon();
    let file = home.path().join("organization.yaml");
    std::fs::write(&file, ORGANIZATION).unwrap();
    let file = file.to_str().unwrap();
    let mut told = String::new();
    for case in CASES {
        let words: Vec<_> = case
            .split(' ')
            .map(|word| word.replace("{id}", ID).replace("{url}", &daemon.url).replace("{file}", file))
            .collect();
        let mut command = happening(home.path());
        command.args(&words).env("HAPPENING_SERVER", &daemon.url).env("HAPPENING_TOKEN", TOKEN);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        writeln!(told, "$ happening {case}\nexit {}", output.status.code().unwrap()).unwrap();
        write!(told, "{}", text(output.stdout)).unwrap();
        for line in text(output.stderr).lines() {
            writeln!(told, "stderr: {line}").unwrap();
        }
        told.push('\n');
    }
    let told = told
        .replace(&daemon.url, "http://daemon")
        .replace(home.path().to_str().unwrap(), "~/.config/happening")
        .replace(ID, "ID")
        .replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(told);
}

/// Whoever pipes `yes` into a command, or runs it from a timer, gets an answer instead of a question.
#[test]
fn what_asks_refuses_where_nobody_can_be_asked() {
    let home = home();
    let daemon = daemon();
    let asking: Vec<_> = CASES.iter().filter_map(|case| case.strip_suffix(" --yes")).collect();
    assert!(asking.len() >= 12, "{asking:?}");
    for case in asking {
        let words: Vec<_> = case.split(' ').map(|word| word.replace("{id}", ID)).collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        // Nothing to read, and something that is nobody's answer.
        let file = File::open("Cargo.toml").unwrap();
        for input in [Stdio::null(), Stdio::from(file)] {
            let mut command = process(home.path(), &daemon.url, &words);
            let output = command.env("HAPPENING_TOKEN", TOKEN).stdin(input).output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{case}: {told}");
            assert!(told.contains("there is no terminal to ask on: confirm with --yes"), "{case}: {told}");
            assert!(output.stdout.is_empty(), "{case}");
        }
    }
    let changes: Vec<_> =
        daemon.requests().into_iter().filter(|request| !request.route.starts_with("GET ")).collect();
    assert!(changes.is_empty(), "{changes:?}");
}

#[test]
fn every_command_has_a_case() {
    let home = tempfile::tempdir().unwrap();
    let tested: BTreeSet<String> = CASES.iter().chain(ELSEWHERE).map(|case| (*case).to_owned()).collect();
    for leaf in leaves(home.path()) {
        assert!(
            tested.iter().any(|case| case.starts_with(&leaf)),
            "`happening {leaf}` has no case in {}",
            file!()
        );
    }
}

/// The commands that do something, by their pages in the manual.
fn leaves(home: &Path) -> Vec<String> {
    let pages = home.join("man1");
    happening(home).args(["man", "--directory"]).arg(&pages).assert().code(0);
    let names: BTreeSet<String> = std::fs::read_dir(pages)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| {
            name.trim_end_matches(".1").trim_start_matches("happening").trim_start_matches('-').to_owned()
        })
        .collect();
    let has_verbs = |name: &str| names.iter().any(|other| other.starts_with(&format!("{name}-")));
    let leaves: Vec<_> = names
        .iter()
        .filter(|name| !name.is_empty() && (name.contains('-') || !has_verbs(name)))
        // Nouns are one word; verbs may be more.
        .map(|name| name.replacen('-', " ", 1))
        .collect();
    assert!(leaves.contains(&"booking cancel-seats".to_owned()), "{leaves:?}");
    leaves
}
