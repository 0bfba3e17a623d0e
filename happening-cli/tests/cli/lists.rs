//! Long lists: how much is read of them, and how an export that does not end is printed.

use crate::support::{Daemon, ID, TOKEN, event, happening};
use assert_cmd::assert::Assert;
use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};
use std::path::Path;

fn run(home: &Path, daemon: &Daemon, arguments: &[&str]) -> Assert {
    let mut command = happening(home);
    command.args(arguments).env("HAPPENING_SERVER", &daemon.url).env("HAPPENING_TOKEN", TOKEN).assert()
}

fn booking(username: &str) -> Value {
    json!({
        "id": ID, "event_id": ID, "user_id": ID, "seats": 2, "status": "confirmed", "waiting_number": null,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z", "assigned_seats": [1, 2],
        "username": username, "email": "a@example.org",
    })
}

fn export(bookings: &Value, arguments: &[&str]) -> Assert {
    let home = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(&[
        ("GET /events/0197a1b2-0000-7000-8000-000000000001", 200, &event("Gala").to_string()),
        ("GET /events/0197a1b2-0000-7000-8000-000000000001/bookings", 200, &bookings.to_string()),
    ]);
    run(home.path(), &daemon, &[&["booking", "export", "--event", ID], arguments].concat())
}

#[test]
fn an_export_is_csv_unless_it_is_told_otherwise() {
    let two = json!([booking("=1+1"), booking("b;c")]);
    let told = "username,assigned_seats\n'=1+1,\"[1,2]\"\n\"b;c\",\"[1,2]\"\n";
    for format in [&[][..], &["-o", "csv"]] {
        let arguments = [format, &["--fields", "username,assigned_seats"]].concat();
        export(&two, &arguments).code(0).stdout(told).stderr("");
    }
    export(&two, &["-o", "json", "--fields", "username"])
        .code(0)
        .stdout("[\n  {\n    \"username\": \"=1+1\"\n  },\n  {\n    \"username\": \"b;c\"\n  }\n]\n");
    export(&two, &["-o", "jsonl", "--fields", "username"])
        .code(0)
        .stdout("{\"username\":\"=1+1\"}\n{\"username\":\"b;c\"}\n");
    export(&two, &["-o", "table", "--fields", "username"])
        .code(0)
        .stdout(contains("USERNAME").and(contains("'=1+1").not()));
    export(&two, &["-o", "csv", "--bom", "--fields", "username"])
        .code(0)
        .stdout("\u{feff}username\r\n'=1+1\r\n\"b;c\"\r\n");
    export(&two, &["-o", "name"]).code(0).stdout(format!("{ID}\n{ID}\n"));
    export(&two, &["--jq", ".username"]).code(0).stdout("=1+1\nb;c\n");
}

#[test]
fn an_export_of_nothing_is_an_empty_list() {
    let none = json!([]);
    export(&none, &["--fields", "id,event_name"]).code(0).stdout("id,event_name\n");
    export(&none, &["-o", "json"]).code(0).stdout("[]\n");
    export(&none, &["-o", "jsonl"]).code(0).stdout("");
    export(&none, &["--fields", "colour"]).code(2).stderr(contains("there is no field `colour`"));
}

#[test]
fn a_list_tells_that_there_is_more() {
    let home = tempfile::tempdir().unwrap();
    let three = json!([event("A"), event("B"), event("C")]).to_string();
    let daemon = Daemon::start(&[("GET /events", 200, &three)]);
    let fields = ["--fields", "name", "-o", "csv"];
    run(home.path(), &daemon, &[&["event", "list", "--limit", "2"], &fields[..]].concat())
        .code(0)
        .stdout("name\nA\nB\n")
        .stderr(contains("These are the first 2: --limit N shows more"));
    for all in [&["--limit", "3"][..], &["--all"]] {
        run(home.path(), &daemon, &[&["event", "list"], all, &fields].concat())
            .code(0)
            .stdout("name\nA\nB\nC\n")
            .stderr(contains("first").not());
    }
    run(home.path(), &daemon, &["event", "list", "--limit", "0"]).code(2);
    run(home.path(), &daemon, &["event", "list", "--limit", "2", "--all"]).code(2);
}
