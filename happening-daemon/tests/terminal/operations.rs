//! What operators do from the command line: drift, parked messages, and the line at an event.

use crate::cli::{Ended, Terminal};
use crate::support::broker::publish_by_hand;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, eventually};
use serde_json::{Value, json};
use std::time::Duration;

on_both_parts!(
    drift_in_the_database_is_found_explained_and_healed,
    who_was_not_told_is_listed_resent_requeued_and_discarded,
    the_line_at_an_event_is_explained_and_moved,
);

const PATIENCE: Duration = Duration::from_secs(30);

const NOBODYS: &str = "0197a1b2-0000-7000-8000-000000000001";

/// Somebody with a token, at a terminal.
struct Person {
    signed: Signed,
    terminal: Terminal,
}

impl Person {
    async fn at(daemon: &Daemon, name: &str) -> Self {
        Self { signed: sign_in(daemon, name).await, terminal: Terminal::at(daemon) }
    }

    async fn run(&self, arguments: &[&str]) -> Ended {
        self.terminal.run_with(&[("HAPPENING_TOKEN", &self.signed.token)], arguments).await
    }

    /// Runs a command that must end so, and returns what it prints as JSON.
    async fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["-o", "json"]].concat()).await;
        assert_eq!(ended.code, code, "happening {arguments:?}: {ended:?}");
        ended.json()
    }
}

fn kinds(drifts: &Value) -> Vec<&str> {
    drifts.as_array().expect("drifts").iter().map(|drift| drift["kind"].as_str().expect("a kind")).collect()
}

async fn drift_in_the_database_is_found_explained_and_healed(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let operator = Person::at(&daemon, "operator").await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 4).await.id;
    let holder = book(&member, event, 4).await;
    let waiting = book(&organizer, event, 2).await;
    let id = event.to_string();
    assert_eq!(operator.json(0, &["reconcile", &id]).await, json!([]));

    let seats = "UPDATE booking_seats SET status = 'cancelled' WHERE booking_id = {id} AND seat_no > 2";
    parts.by_hand(seats, holder.id.0).await;
    parts.by_hand("UPDATE bookings SET seats = 2 WHERE id = {id}", holder.id.0).await;
    let drifts = operator.json(10, &["reconcile", &id]).await;
    assert_eq!(kinds(&drifts), ["available_slots"]);
    assert_eq!((&drifts[0]["expected"], &drifts[0]["found"]), (&json!("2"), &json!("0")));
    let told = operator.run(&["reconcile", &id]).await;
    assert!(told.stdout.contains("rows were changed past the daemon"), "{told:?}");
    assert!(told.stdout.contains("can be healed") && told.stderr.contains("reconcile --fix"), "{told:?}");

    let healed = operator.json(0, &["reconcile", &id, "--fix"]).await;
    assert_eq!(healed[0]["fixed"], json!(true));
    let served = operator.json(0, &["booking", "get", &waiting.id.to_string()]).await;
    assert_eq!(served["assigned_seats"], json!([3, 4]), "what was found free is offered by itself");
    assert_eq!(operator.json(0, &["reconcile"]).await, json!([]));

    // What only people can decide is told and left.
    parts.by_hand("UPDATE bookings SET seats = 3 WHERE id = {id}", holder.id.0).await;
    let left = operator.json(10, &["reconcile", "--fix"]).await;
    assert_eq!((kinds(&left), &left[0]["fixed"]), (vec!["booking_seat_count"], &json!(false)));
    assert_eq!(left[0]["booking_id"], json!(holder.id));
    assert_eq!(operator.run(&["reconcile", NOBODYS]).await.code, 3);
    let support = Person::at(&daemon, "support").await;
    assert_eq!(support.run(&["reconcile"]).await.code, 10, "support reads");
    assert_eq!(support.run(&["reconcile", "--fix"]).await.code, 5);

    let inspected = operator.json(0, &["redis", "inspect", &id]).await;
    assert_eq!((&inspected["counters"]["slots"], &inspected["store"]["slots"]), (&json!("0"), &json!(0)));
    let keys = operator.run(&["redis", "keys", "--match", &format!("event:{id}:*"), "-o", "name"]).await;
    assert!(keys.stdout.contains(&format!("event:{id}:slots")), "{keys:?}");
}

#[tokio::test]
async fn drift_in_redis_is_shown_beside_the_truth_explained_and_healed() {
    let parts = Parts::real().await;
    let daemon = Daemon::start(&parts).await;
    let operator = Person::at(&daemon, "operator").await;
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 4).await.id;
    book(&organizer, event, 4).await;
    let (id, slots) = (event.to_string(), format!("event:{event}:slots"));
    let agrees = async || operator.run(&["redis", "inspect", &id, "--check"]).await.code == 0;
    eventually("both sides agree", PATIENCE, agrees).await;

    // The daemon heals Redis by itself within seconds, so the lie is told again until it is seen.
    let lie = async |arguments: &[&str]| {
        for _ in 0..20 {
            parts.on_redis(&["SET", &slots, "51"]).await;
            let ended = operator.run(arguments).await;
            if ended.stdout.contains("51") {
                return ended;
            }
        }
        panic!("the lie was never seen by {arguments:?}");
    };
    let shown = lie(&["redis", "inspect", &id, "--check"]).await;
    assert_eq!(shown.code, 10, "{shown:?}");
    let free = shown.stdout.lines().find(|line| line.starts_with("free seats")).expect("a line");
    assert_eq!(free.split_whitespace().collect::<Vec<_>>(), ["free", "seats", "51", "0", "differs"]);
    let found = lie(&["reconcile", &id]).await;
    assert_eq!(found.code, 10, "{found:?}");
    assert!(found.stdout.contains("counters_slots") && found.stdout.contains("by hand"), "{found:?}");
    let healed = lie(&["reconcile", &id, "--fix"]).await;
    assert_eq!(healed.code, 0, "{healed:?}");
    assert!(healed.stdout.contains("healed"), "{healed:?}");
    assert!(agrees().await);
}

/// The ids of what is parked.
async fn parked(operator: &Person) -> Vec<String> {
    let ended = operator.run(&["queue", "parked", "-o", "name"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.stdout.lines().map(str::to_owned).collect()
}

async fn who_was_not_told_is_listed_resent_requeued_and_discarded(parts: Parts) {
    let settings = [
        ("WEBHOOK_URL", "http://127.0.0.1:1"),
        ("WEBHOOK_ALLOW_PRIVATE", "true"),
        ("NOTIFICATION_TRIES", "1"),
    ];
    let daemon = Daemon::start_on(&parts, 0, &settings).await;
    let operator = Person::at(&daemon, "operator").await;
    let organizer = sign_in(&daemon, "organizer").await;
    let event = publish(&organizer, 5).await.id;
    book(&organizer, event, 1).await;
    let count = async |wanted| parked(&operator).await.len() == wanted;
    eventually("it is given up", PATIENCE, async || count(1).await).await;
    let status = operator.json(0, &["queue", "status"]).await;
    assert_eq!((&status["outbox"]["parked"], &status["worker"]["running"]), (&json!(1), &json!(true)));
    let missed = operator.json(0, &["notification", "undelivered"]).await;
    assert_eq!((&missed[0]["username"], &missed[0]["status"]), (&json!("organizer"), &json!("failed")));
    assert_eq!(missed[0]["parked_id"], json!(parked(&operator).await[0]));
    let notification = missed[0]["id"].as_str().expect("an id").to_owned();

    // Tried anew it fails anew, and is parked under another id.
    let before = parked(&operator).await;
    operator.json(0, &["notification", "resend", &notification]).await;
    let again = async || {
        let now = parked(&operator).await;
        now.len() == 1 && now != before
    };
    eventually("it was tried again", PATIENCE, again).await;
    let before = parked(&operator).await;
    operator.json(0, &["queue", "requeue", "--all"]).await;
    let again = async || {
        let now = parked(&operator).await;
        now.len() == 1 && now != before
    };
    eventually("it was tried once more", PATIENCE, again).await;

    let one = parked(&operator).await.remove(0);
    assert_eq!(operator.run(&["queue", "discard", &one]).await.code, 2, "nobody is there to be asked");
    assert_eq!(operator.run(&["queue", "requeue", NOBODYS]).await.code, 3);
    assert_eq!(operator.run(&["queue", "requeue"]).await.code, 2);
    let partly = operator.run(&["queue", "discard", &one, NOBODYS, "--yes"]).await;
    assert_eq!(partly.code, 9, "{partly:?}");
    assert!(partly.stderr.contains("1 of 2 could not be done; the rest is done"), "{partly:?}");
    assert_eq!(parked(&operator).await, Vec::<String>::new());
    assert_eq!(operator.json(0, &["queue", "discard", "--all", "--yes"]).await, json!([]));
    assert_eq!(operator.json(0, &["notification", "undelivered"]).await, json!([]), "somebody decided so");
    assert_eq!(operator.run(&["notification", "resend", NOBODYS]).await.code, 3);
    let support = Person::at(&daemon, "support").await;
    assert_eq!(support.run(&["notification", "undelivered"]).await.code, 0);
    assert_eq!(support.run(&["notification", "resend", &notification]).await.code, 5);
    assert_eq!(support.run(&["queue", "status"]).await.code, 0);
}

#[tokio::test]
async fn poison_in_the_broker_is_seen_requeued_and_discarded() {
    let parts = Parts::real().await;
    let daemon = Daemon::start(&parts).await;
    let operator = Person::at(&daemon, "operator").await;
    publish_by_hand(&parts, b"no \x1b[31mjson").await;
    eventually("it is parked", PATIENCE, async || parked(&operator).await.len() == 1).await;
    let shown = operator.run(&["queue", "parked"]).await;
    assert!(shown.stdout.contains("message") && !shown.stdout.contains('\u{1b}'), "{shown:?}");
    let one = operator.json(0, &["queue", "parked"]).await.as_array().expect("a list")[0].clone();
    assert_eq!((&one["times"], &one["payload_bytes"]), (&json!(1), &json!(12)));
    let id = one["id"].as_str().expect("an id").to_owned();
    operator.json(0, &["queue", "requeue", &id]).await;
    let again = async || {
        let now = operator.json(0, &["queue", "parked"]).await;
        now[0]["parked_at"].as_str().is_some_and(|at| at != one["parked_at"].as_str().expect("a time"))
    };
    eventually("it is as bad as before, and parked again", PATIENCE, again).await;
    operator.json(0, &["queue", "discard", "--all", "--yes"]).await;
    assert_eq!(parked(&operator).await, Vec::<String>::new());
    let queue = operator.json(0, &["queue", "status"]).await["queue"].clone();
    assert_eq!((&queue["kind"], &queue["ready"]), (&json!("rabbitmq"), &json!(0)));
}

async fn the_line_at_an_event_is_explained_and_moved(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Person::at(&daemon, "organizer").await;
    let member = Person::at(&daemon, "member").await;
    let event = publish(&organizer.signed, 4).await.id;
    let seated = book(&organizer.signed, event, 3).await.id.to_string();
    let head = book(&member.signed, event, 3).await.id.to_string();
    let behind = book(&member.signed, event, 2).await.id.to_string();
    let id = event.to_string();

    let why = member.json(0, &["waitlist", "why", &behind]).await;
    assert_eq!((&why["reason"], &why["position"]), (&json!("behind_others"), &json!(2)));
    assert_eq!(organizer.run(&["waitlist", "why", NOBODYS]).await.code, 3);
    let foreseen = organizer.json(0, &["waitlist", "simulate", &id, "--cancel", &seated]).await;
    let served = foreseen["promoted"].as_array().expect("a list");
    assert_eq!(
        served.iter().map(|one| one["booking_id"].as_str().expect("an id")).collect::<Vec<_>>(),
        [&head, &behind]
    );
    assert_eq!(
        (&served[0]["assigned_seats"], &served[1]["assigned_seats"]),
        (&json!([1, 2, 3]), &json!([4]))
    );
    let some = organizer.json(0, &["waitlist", "simulate", &id, "--cancel", &seated, "--seat", "2"]).await;
    assert_eq!(some["promoted"][0]["assigned_seats"], json!([2, 4]), "with the one that is free already");
    let larger = organizer.json(0, &["waitlist", "simulate", &id, "--capacity", "8"]).await;
    assert_eq!((&larger["waiting"]["to"], &larger["total_slots"]["to"]), (&json!(0), &json!(8)));
    assert_eq!(organizer.run(&["waitlist", "simulate", &id, "--capacity", "2"]).await.code, 6);
    assert_eq!(organizer.run(&["waitlist", "simulate", &id]).await.code, 2, "suppose what?");
    assert_eq!(member.run(&["waitlist", "simulate", &id, "--free", "1"]).await.code, 5);

    let watching = ["waitlist", "watch", &id, "--timeout", "5s", "-o", "jsonl"];
    let moving = async {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(
            organizer.run(&["waitlist", "promote", &id, "--booking", &behind]).await.code,
            6,
            "one is free"
        );
        assert_eq!(member.run(&["waitlist", "promote", &id]).await.code, 5);
        organizer.json(0, &["waitlist", "promote", &id]).await
    };
    let (watched, promoted) = tokio::join!(organizer.run(&watching), moving);
    assert_eq!((&promoted[0]["booking_id"], &promoted[0]["rest"]), (&json!(head), &json!(2)));
    assert_eq!(watched.code, 0, "{watched:?}");
    let told: Vec<Value> =
        watched.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(told.iter().any(|message| message["type"] == "promotion"), "{watched:?}");
    assert_eq!(organizer.json(0, &["waitlist", "promote", &id]).await, json!([]), "nothing is free");

    // Whoever leaves the line gives up no seats.
    assert_eq!(member.run(&["waitlist", "remove", &behind]).await.code, 2, "nobody is there to be asked");
    let removed = member.json(0, &["waitlist", "remove", &behind, "--yes"]).await;
    assert_eq!(removed["already"], json!(false));
    let confirmed = promoted[0]["confirmed_booking_id"].as_str().expect("an id");
    assert_eq!(member.run(&["waitlist", "remove", confirmed, "--yes"]).await.code, 6);
    let kept = member.json(0, &["booking", "get", confirmed]).await;
    assert_eq!(kept["status"], json!("confirmed"));
}
