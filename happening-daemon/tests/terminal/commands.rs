//! Every noun and verb of the command line against the daemon: what one command did, another sees.

use crate::cli::Terminal;
use crate::story::publish;
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::password_grant;
use serde_json::{Value, json};

fn text(record: &Value, member: &str) -> String {
    record[member].as_str().unwrap_or_else(|| panic!("no {member}: {record}")).to_owned()
}

async fn events_are_looked_after(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let gala = publish(&organizer, "Winter Gala").await;

    let changed = organizer.json(&["event", "update", &gala, "--name", "Spring Gala", "--seats", "6"]).await;
    assert_eq!((&changed["name"], &changed["total_slots"]), (&json!("Spring Gala"), &json!(6)));
    assert_eq!(organizer.run(&["event", "update", &gala]).await.code, 2, "nothing to change");
    assert_eq!(organizer.run(&["event", "update", &gala, "--status", "cancelled"]).await.code, 2);
    let listed = organizer.run(&["event", "list", "--org", "Demo", "-o", "name"]).await;
    assert!(listed.stdout.lines().any(|line| line == gala), "{listed:?}");

    let plan = organizer.json(&["event", "resize", &gala, "--seats", "9", "--plan"]).await;
    assert_eq!((&plan["allowed"], &plan["total_slots"]), (&json!(true), &json!({ "from": 6, "to": 9 })));
    let would = organizer.json(&["event", "resize", &gala, "--seats", "9", "--dry-run"]).await;
    assert_eq!((&would["id"], &would["available_slots"]), (&json!(gala), &json!(9)));
    let would = organizer.json(&["booking", "create", &gala, "--seats", "2", "--dry-run"]).await;
    assert_eq!((&would["id"], &would["status"]), (&Value::Null, &json!("confirmed")));
    let tried = organizer.run(&["event", "delete", &gala, "--dry-run"]).await;
    assert_eq!(tried.code, 0, "{tried:?}");
    assert!(tried.stderr.contains("Dry run: nothing was changed"), "{tried:?}");
    assert_eq!(organizer.run(&["booking", "create", &gala, "--seats", "7", "--dry-run"]).await.code, 2);
    assert_eq!(organizer.run(&["event", "hold", &gala, "--seats", "1", "--dry-run"]).await.code, 2);
    let still = organizer.json(&["event", "get", &gala]).await;
    assert_eq!(
        (&still["total_slots"], &still["available_slots"]),
        (&json!(6), &json!(6)),
        "nothing was done"
    );
    assert_eq!(organizer.json(&["event", "resize", &gala, "--seats", "7"]).await["total_slots"], 7);
    assert_eq!(organizer.json(&["event", "resize", &gala, "--seats", "6"]).await["total_slots"], 6);

    let again = ["event", "create", "--org", "Demo", "--name", "Spring Gala", "--date", "2099-12-01T19:00"];
    let again = [&again[..], &["--seats", "5", "--if-not-exists"]].concat();
    assert_eq!(organizer.json(&again).await["id"], json!(gala));

    let handed = admin.json(&["event", "reassign", &gala, "--to", "admin"]).await;
    assert_ne!(handed["created_by"], changed["created_by"]);
    assert_eq!(organizer.run(&["event", "reassign", &gala, "--to", "nobody-at-all"]).await.code, 3);

    let waited = ["event", "wait", &gala, "--for=sold-out", "--timeout", "1s"];
    assert_eq!(admin.run(&waited).await.code, 7);
    let waiting =
        async { admin.run(&["event", "wait", &gala, "--for=sold-out", "--timeout", "30s"]).await.code };
    let booking = async { organizer.run(&["booking", "create", &gala, "--seats", "6"]).await.code };
    assert_eq!(tokio::join!(waiting, booking), (0, 0));
    assert_eq!(admin.run(&["event", "update", &gala, "--seats", "5"]).await.code, 6, "seat 6 is booked");
    let refused = admin.run(&["event", "resize", &gala, "--seats", "5"]).await;
    assert_eq!(refused.code, 6);
    assert!(refused.stderr.contains("organizer has seat 6, booking "), "{refused:?}");
    let plan = admin.json(&["event", "resize", &gala, "--seats", "5", "--plan"]).await;
    assert_eq!((&plan["allowed"], &plan["in_the_way"][0]["seats"]), (&json!(false), &json!([6])), "{plan}");

    assert_eq!(admin.json(&["event", "cancel", &gala, "--yes"]).await["status"], "cancelled");
    assert_eq!(admin.run(&["event", "wait", &gala, "--for=available"]).await.code, 6);
    assert_eq!(admin.run(&["booking", "create", &gala]).await.code, 6);
    assert_eq!(admin.json(&["event", "delete", &gala, "--yes"]).await, json!({"id": gala, "deleted": true}));
    assert_eq!(admin.run(&["event", "get", &gala]).await.code, 3);
    assert_eq!(admin.run(&["event", "delete", &gala, "--yes"]).await.code, 3);
    let again = admin.json(&["event", "delete", &gala, "--yes", "--ignore-missing"]).await;
    assert_eq!(again, json!({"id": gala, "deleted": false}));
}

async fn organizations_and_people_are_looked_after(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let member = Terminal::signed_in(&daemon, "member").await;

    let demo = text(&admin.json(&["org", "get", "Demo"]).await, "id");
    let club = admin.json(&["org", "create", "--name", "Jazz Club", "--timezone", "Asia/Tokyo"]).await;
    assert_eq!(admin.json(&["org", "get", "jazz club"]).await["settings"]["timezone"], "Asia/Tokyo");
    let again = admin.json(&["org", "create", "--name", "Jazz Club", "--if-not-exists"]).await;
    assert_eq!(again["id"], club["id"]);
    let mine = admin.json(&["org", "list", "--fields", "name,role"]).await;
    assert!(
        mine.as_array().expect("a list").contains(&json!({"name": "Jazz Club", "role": "orgAdmin"})),
        "{mine}"
    );
    assert_eq!(member.run(&["org", "get", &text(&club, "id")]).await.code, 3, "not theirs to know of");

    let asked = admin.json(&["org", "set-role", "Jazz Club", "member", "organizer"]).await;
    assert_eq!(asked["role"], Value::Null, "asked, and none yet");
    member.json(&["invite", "accept", &text(&asked, "invite")]).await;
    let set = admin.json(&["org", "set-role", "Jazz Club", "member", "organizer"]).await;
    assert_eq!((&set["role"], &set["invite"]), (&json!("organizer"), &Value::Null));
    let members =
        admin.run(&["org", "members", "Jazz Club", "--jq", ".[] | .username + \" \" + .role"]).await;
    assert_eq!(members.stdout, "admin orgAdmin\nmember organizer\n", "{members:?}");
    assert_eq!(
        admin.run(&["org", "set-role", "Jazz Club", "admin", "user"]).await.code,
        6,
        "the last orgAdmin"
    );
    // The member may publish there now, and dates are read where the club is.
    let publish = [
        "event",
        "create",
        "--org",
        "Jazz Club",
        "--name",
        "Set",
        "--date",
        "2099-12-01T19:00",
        "--seats",
        "5",
    ];
    let event = member.json(&publish).await;
    assert_eq!(event["event_date"], "2099-12-01T10:00:00Z");
    let told = member.run(&["event", "get", &text(&event, "id")]).await;
    assert!(told.stdout.contains("Date there    2099-12-01 19:00 (Asia/Tokyo)"), "{told:?}");
    assert_eq!(
        admin.json(&["org", "remove-member", "Jazz Club", "member", "--yes"]).await["role"],
        Value::Null
    );
    assert_eq!(member.run(&["org", "members", &text(&club, "id")]).await.code, 3);

    assert_eq!(admin.json(&["org", "delete", "Jazz Club", "--force", "--yes"]).await["deleted"], true);

    let operator = Terminal::signed_in(&daemon, "operator").await;
    assert_eq!(operator.json(&["org", "suspend", &demo, "--yes"]).await["status"], "suspended");
    assert_eq!(admin.run(&["org", "update", "Demo", "--contact", "door"]).await.code, 6, "suspended");
    assert_eq!(operator.json(&["org", "resume", &demo]).await["status"], "active");
    let log = operator.json(&["audit", "--limit", "1", "--fields", "actor_username"]).await;
    assert_eq!(log, json!([{"actor_username": "operator"}]));

    let found = admin.json(&["user", "list", "--search", "memb", "--fields", "username"]).await;
    assert_eq!(found, json!([{"username": "member"}]));
}

async fn bookings_are_waited_for_and_told_of(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let member = Terminal::signed_in(&daemon, "member").await;
    let gala = publish(&organizer, "Winter Gala").await;
    let all = text(&organizer.json(&["booking", "create", &gala, "--seats", "5"]).await, "id");
    let late = text(&member.json(&["booking", "create", &gala, "--seats", "2"]).await, "id");
    let waiting = async {
        let ended = member
            .run(&["booking", "wait", &late, "--for=confirmed", "--timeout", "30s", "-o", "name"])
            .await;
        (ended.code, ended.stdout)
    };
    let cancelling = async { organizer.run(&["booking", "cancel", &all, "--yes"]).await.code };
    assert_eq!(tokio::join!(waiting, cancelling), ((0, format!("{late}\n")), 0));

    let told = member.run(&["notification", "list", "--jq", "[.[].type] | sort | join(\" \")"]).await;
    assert_eq!(told.stdout, "booking_waitlisted waitlist_promoted\n", "{told:?}");
    assert_eq!(
        member.run(&["notification", "list", "--user", "organizer"]).await.code,
        3,
        "not theirs to know of"
    );
    let theirs = member.json(&["api", "GET", &format!("/bookings/{late}")]).await;
    assert_eq!(theirs["assigned_seats"], json!([1, 2]));
    let body = format!("{{\"event_id\": \"{gala}\", \"seats\": 1}}");
    let booked = member.json(&["api", "post", "/bookings", "-d", &body]).await;
    assert_eq!(booked["status"], "confirmed");
    assert_eq!(member.run(&["api", "GET", "/nowhere"]).await.code, 3);
    assert_eq!(member.run(&["api", "POST", "/bookings", "-d", "{"]).await.code, 2);
    assert_eq!(member.run(&["api", "GET", "http://elsewhere/"]).await.code, 2);
}

async fn people_are_invited_and_forgotten(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let guest = Terminal::signed_in(&daemon, "guest").await;
    let address = text(&guest.json(&["whoami"]).await, "email");

    let invite = admin.json(&["invite", "send", &address, "--org", "Demo", "--role", "organizer"]).await;
    assert!(invite["token"].is_string(), "{invite}");
    let id = text(&invite, "id");
    let again = ["invite", "send", &address, "--org", "Demo", "--if-not-exists"];
    assert_eq!(admin.run(&again[..5]).await.code, 6, "one is pending");
    assert_eq!(text(&admin.json(&again).await, "id"), id);
    assert_eq!(guest.run(&["invite", "list", "-o", "name"]).await.stdout, format!("{id}\n"));
    assert_eq!(guest.json(&["invite", "reject", &id]).await["status"], "rejected");
    assert_eq!(guest.run(&["invite", "accept", &id]).await.code, 3, "it is answered");
    let second = text(&admin.json(&["invite", "send", &address, "--org", "Demo"]).await, "id");
    let early = admin.run(&["invite", "resend", &second]).await;
    assert_eq!(early.code, 1, "within the hour: {early:?}");
    parts.execute("UPDATE organization_invites SET sent_at = '2026-01-01T00:00:00+00:00'").await;
    admin.json(&["invite", "resend", &second]).await;
    assert_eq!(guest.json(&["invite", "accept", &second]).await["status"], "accepted");
    let of_member = admin.run(&again).await;
    assert_eq!((of_member.code, of_member.stdout.as_str()), (0, ""), "they are there: {of_member:?}");
    let third = admin.json(&["invite", "send", "somebody@example.org", "--org", "Demo"]).await;
    assert_eq!(admin.json(&["invite", "revoke", &text(&third, "id"), "--yes"]).await["deleted"], true);
    for words in [
        &["invite", "revoke", &text(&third, "id")][..],
        &["org", "delete", "Nowhere"],
        &["org", "unmap-service-account", "Demo", "happening-ci"],
        &["org", "remove-member", "Demo", "operator"],
    ] {
        let strict = admin.run(&[words, &["--yes"]].concat()).await;
        assert_eq!(strict.code, 3, "{words:?}: {strict:?}");
        let ended = admin.run(&[words, &["--yes", "--ignore-missing"]].concat()).await;
        assert_eq!(ended.code, 0, "{words:?}: {ended:?}");
    }
    let of_demo = admin.json(&["invite", "list", "--org", "Demo", "--fields", "status"]).await;
    assert!(of_demo.as_array().expect("a list").contains(&json!({"status": "accepted"})), "{of_demo}");

    assert_eq!(guest.json(&["user", "get"]).await["username"], "guest");
    assert_eq!(guest.json(&["user", "export"]).await["user"]["username"], "guest");
    let operator = Terminal::signed_in(&daemon, "operator").await;
    assert_eq!(operator.json(&["user", "suspend", "guest", "--yes"]).await["status"], "suspended");
    assert_eq!(guest.run(&["event", "list"]).await.code, 5, "refused everywhere");
    assert_eq!(operator.json(&["user", "resume", "guest"]).await["status"], "active");
    assert_eq!(guest.run(&["event", "list"]).await.code, 0);
    assert_eq!(guest.run(&["user", "erase", "guest"]).await.code, 2, "nobody is asked");
    assert_eq!(operator.json(&["user", "erase", "guest", "--yes"]).await["deleted"], true);
    assert_eq!(operator.run(&["user", "get", "guest"]).await.code, 3);
}

async fn seats_are_held_and_booked(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let member = Terminal::signed_in(&daemon, "member").await;
    let gala = publish(&organizer, "Winter Gala").await;
    let hold = member.json(&["event", "hold", &gala, "--seat", "2-3"]).await;
    assert_eq!(hold["seats"], json!([2, 3]));
    assert_eq!(
        organizer.run(&["booking", "create", &gala, "--seat", "3"]).await.code,
        6,
        "somebody picks it"
    );
    let token = text(&hold, "hold_token");
    let booked = member.json(&["booking", "create", &gala, "--seat", "2-3", "--hold", &token]).await;
    assert_eq!(booked["assigned_seats"], json!([2, 3]));
    let gone = member.run(&["booking", "create", &gala, "--seats", "2", "--hold", &token]).await;
    assert_eq!(gone.code, 6, "{gone:?}");
    let pair = ["booking", "create", &gala, "--seats", "2", "--adjacent", "required"];
    assert_eq!(organizer.json(&pair).await["assigned_seats"], json!([4, 5]));

    let other = publish(&organizer, "Spring Gala").await;
    let token = member.run(&["event", "hold", &other, "--seats", "1", "-o", "name"]).await.stdout;
    assert_eq!(member.json(&["event", "release", &other, token.trim()]).await["deleted"], true);
    assert_eq!(organizer.run(&["booking", "create", &other, "--seats", "5"]).await.code, 0);
}

async fn changes_are_watched_as_they_happen(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let gala = publish(&organizer, "Winter Gala").await;
    let watched = async { organizer.run(&["event", "watch", &gala, "--timeout", "6s", "-o", "jsonl"]).await };
    let booked = async {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        organizer.json(&["booking", "create", &gala, "--seat", "2-3"]).await
    };
    let (watched, _) = tokio::join!(watched, booked);
    assert_eq!(watched.code, 0, "{watched:?}");
    let messages: Vec<Value> =
        watched.stdout.lines().map(|line| serde_json::from_str(line).expect("a message a line")).collect();
    assert_eq!((&messages[0]["type"], &messages[0]["available"]), (&json!("snapshot"), &json!(5)));
    let seats = messages.iter().find(|message| message["type"] == "seats");
    assert_eq!(seats.expect("seats that changed hands")["booked"], json!([2, 3]), "{watched:?}");
    let told = organizer.run(&["event", "watch", &gala, "--timeout", "2s"]).await;
    assert!(
        told.stdout.contains("  3 of 5 seats are free, 2 booked, 0 being picked, 0 parties wait\n"),
        "{told:?}"
    );
    let nowhere = "0197a1b2-0000-7000-8000-000000000001";
    assert_eq!(organizer.run(&["event", "watch", nowhere, "--timeout", "5s"]).await.code, 3);
}

async fn a_doctor_finds_what_is_wrong(parts: Parts) {
    let mut daemon = Daemon::start(&parts).await;
    let member = Terminal::signed_in(&daemon, "member").await;
    let states = async |terminal: &Terminal| {
        let ended = terminal.run(&["doctor", "-o", "json"]).await;
        let findings: Vec<Value> =
            serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
        let state = move |check: &str| {
            let found = findings.iter().find(|finding| finding["check"] == check);
            found.map_or(Value::Null, |finding| finding["state"].clone())
        };
        (ended.code, state)
    };
    let (code, state) = states(&member).await;
    for check in ["daemon", "store", "clock", "issuer", "sign-in"] {
        assert_eq!(state(check), "ok", "{check}");
    }
    assert_eq!((code, state("audience")), (0, Value::Null));
    let (code, state) = states(&Terminal::at(&daemon)).await;
    assert_eq!((code, state("sign-in"), state("daemon")), (1, json!("problem"), json!("ok")));
    daemon.kill().await;
    let (code, state) = states(&member).await;
    assert_eq!((code, state("daemon"), state("sign-in")), (1, json!("problem"), Value::Null));
}

on_both_parts!(
    events_are_looked_after,
    organizations_and_people_are_looked_after,
    bookings_are_waited_for_and_told_of,
    people_are_invited_and_forgotten,
    seats_are_held_and_booked,
    changes_are_watched_as_they_happen,
    a_doctor_finds_what_is_wrong,
);

#[tokio::test]
async fn a_token_of_the_environment_outranks_the_sign_in() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let terminal = Terminal::signed_in(&daemon, "member").await;
    let issuer = daemon.client(None).discovery().await.expect("discovery").issuer;
    let token = password_grant(&issuer, "organizer").await;
    let whoami = terminal.run_with(&[("HAPPENING_TOKEN", &token)], &["whoami", "-o", "json"]).await.json();
    assert_eq!(
        (&whoami["username"], &whoami["token"]["origin"]),
        (&json!("organizer"), &json!("environment"))
    );
    assert_eq!(terminal.json(&["whoami"]).await["username"], "member");
}
