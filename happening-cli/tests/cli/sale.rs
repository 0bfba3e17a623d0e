//! What an organizer says of an event's sale.

use crate::support::{Daemon, ID, TOKEN, event, happening, home};
use predicates::prelude::*;
use serde_json::{Value, json};

const UPDATE: &str = "PUT /events/0197a1b2-0000-7000-8000-000000000001";

#[test]
fn a_sale_is_paused_resumed_and_limited() {
    let mut paused = event("Jazz");
    (paused["sales_paused"], paused["max_seats_per_booking"]) = (json!(true), json!(4));
    let daemon = Daemon::start(&[(UPDATE, 200, &paused.to_string())]);
    let home = home();
    for (options, body) in [
        (&["--pause-sales"][..], json!({ "sales_paused": true })),
        (&["--resume-sales"], json!({ "sales_paused": false })),
        (&["--end", "2030-06-01T23:00"], json!({ "event_end": "2030-06-01T23:00" })),
        (&["--clear", "end,bookings-close-at"], json!({ "event_end": null, "bookings_close_at": null })),
        (&["--max-seats-per-booking", "4"], json!({ "max_seats_per_booking": 4 })),
        (&["--clear", "max-seats-per-booking"], json!({ "max_seats_per_booking": null })),
    ] {
        let mut command = happening(home.path());
        command.args(["event", "update", ID, "--server", &daemon.url]).args(options);
        let done = command.env("HAPPENING_TOKEN", TOKEN).assert();
        done.code(0).stdout(predicate::str::contains("paused, at most 4 seats a booking"));
        let sent = daemon.requests_of(UPDATE);
        let sent: Value = serde_json::from_str(&sent.last().unwrap().body).unwrap();
        assert_eq!(sent, body);
    }
    for senseless in
        [["--pause-sales", "--resume-sales"], ["--max-seats-per-booking=2", "--clear=max-seats-per-booking"]]
    {
        happening(home.path()).args(["event", "update", ID]).args(senseless).assert().code(2);
    }
}
