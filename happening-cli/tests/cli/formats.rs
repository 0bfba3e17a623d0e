//! `-o`, `--fields` and `--jq`.

use crate::support::{Daemon, ID, TOKEN, event, happening, home, problem};
use predicates::prelude::*;
use serde_json::{Value, json};

/// What `event list` prints of two events with these options.
fn list(options: &[&str]) -> String {
    let home = home();
    let mut second = event("=1+1, \u{202e}twice\u{1b}[2J");
    second["available_slots"] = json!(0);
    let daemon = Daemon::start(&[("GET /events", 200, &json!([event("Jazz"), second]).to_string())]);
    let mut command = happening(home.path());
    command.args(["event", "list", "--server", &daemon.url]).args(options).env("HAPPENING_TOKEN", TOKEN);
    let output = command.assert().code(0).stderr("").get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

#[test]
fn a_calendar_is_printed_as_it_came_and_text_for_machines() {
    let home = home();
    let calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";
    let route = "GET /events/0197a1b2-0000-7000-8000-000000000001/calendar.ics";
    for (options, expected) in
        [(&[][..], calendar.to_owned()), (&["-o", "json"], format!("{}\n", json!(calendar)))]
    {
        let daemon = Daemon::start(&[(route, 200, calendar)]);
        let mut command = happening(home.path());
        command
            .args(["event", "calendar", ID, "--server", &daemon.url])
            .args(options)
            .env("HAPPENING_TOKEN", TOKEN);
        command.assert().code(0).stderr("").stdout(expected);
    }
}

#[test]
fn each_format_prints_the_same_data() {
    let fields = "name,available_slots,description";
    insta::assert_snapshot!(list(&["--fields", fields]), @r"
    NAME                     AVAILABLE_SLOTS  DESCRIPTION
    Jazz                     2                -
    =1+1, <U+202E>twice␛[2J  0                -
    ");
    insta::assert_snapshot!(list(&["-o", "json", "--fields", fields]), @r#"
    [
      {
        "name": "Jazz",
        "available_slots": 2,
        "description": null
      },
      {
        "name": "=1+1, \u202etwice\u001b[2J",
        "available_slots": 0,
        "description": null
      }
    ]
    "#);
    insta::assert_snapshot!(list(&["-o", "jsonl", "--fields", fields]), @r#"
    {"name":"Jazz","available_slots":2,"description":null}
    {"name":"=1+1, \u202etwice\u001b[2J","available_slots":0,"description":null}
    "#);
    insta::assert_snapshot!(list(&["-o", "yaml", "--fields", fields]), @r#"
    - name: Jazz
      available_slots: 2
      description: null
    - name: "=1+1, \u202etwice\x1b[2J"
      available_slots: 0
      description: null
    "#);
    insta::assert_snapshot!(list(&["-o", "csv", "--fields", fields]), @r#"
    name,available_slots,description
    Jazz,2,
    "'=1+1, <U+202E>twice␛[2J",0,
    "#);
    assert_eq!(list(&["-o", "name"]), format!("{ID}\n{ID}\n"));
    insta::assert_snapshot!(list(&["--jq", ".[] | [.name, .available_slots]"]), @r#"
    ["Jazz",2]
    ["=1+1, \u202etwice\u001b[2J",0]
    "#);
    assert_eq!(list(&["--jq", ".[].name", "--fields", "name"]), "Jazz\n=1+1, <U+202E>twice␛[2J\n");
}

#[test]
fn excel_gets_its_mark_and_its_line_ends() {
    let csv = list(&["-o", "csv", "--bom", "--fields", "name,available_slots"]);
    assert_eq!(csv, "\u{feff}name,available_slots\r\nJazz,2\r\n\"'=1+1, <U+202E>twice␛[2J\",0\r\n");
    for options in [&["--bom"][..], &["--bom", "-o", "json"], &["--bom", "--jq", "."]] {
        let mut command = happening(home().path());
        let refused = command.args(["event", "list"]).args(options).env("HAPPENING_TOKEN", TOKEN).assert();
        refused.code(2).stderr(predicate::str::contains("--bom"));
    }
}

#[test]
fn a_filter_ends_the_command_as_jq_does() {
    let home = home();
    let daemon =
        Daemon::start(&[("GET /events", 200, &json!([event("Jazz\u{1b}"), event("Rust")]).to_string())]);
    for (filter, code, out, err) in [
        (".[0].name | halt_error", 5, "", "Jazz\u{241b}"),
        ("1, ({a: 1} | halt_error(3)), 2", 3, "1\n", "{\"a\":1}\n"),
        ("1, halt, 2", 0, "1\n", ""),
        ("null | halt_error(257)", 1, "", ""),
    ] {
        let mut command = happening(home.path());
        command
            .args(["event", "list", "--server", &daemon.url, "--jq", filter])
            .env("HAPPENING_TOKEN", TOKEN);
        command.assert().code(code).stdout(out).stderr(err);
    }
    let mut command = happening(home.path());
    command.args(["event", "list", "--server", &daemon.url, "--jq", ".name"]).env("HAPPENING_TOKEN", TOKEN);
    command
        .assert()
        .code(1)
        .stderr(predicate::function(|told: &str| told.lines().count() == 1 && told.len() < 300));
}

#[test]
fn a_body_is_refused_where_the_daemon_would_refuse_it() {
    let home = home();
    let daemon = Daemon::start(&[("POST /events", 200, "{}")]);
    let post = |body: &str| {
        let mut command = happening(home.path());
        command.args(["api", "POST", "/events", "-d", "@-", "--server", &daemon.url]);
        command.env("HAPPENING_TOKEN", TOKEN).write_stdin(body.as_bytes()).assert()
    };
    for body in [r#"{"seats":1,"seats":3}"#, r#"{"a":[{"seats":1,"b":2,"seats":1}]}"#] {
        post(body).code(2).stderr(predicate::str::contains("has the member `seats` twice in one object"));
    }
    assert!(daemon.requests().is_empty());
    post("\u{feff}{\"seats\": 3}").code(0);
    assert_eq!(daemon.requests()[0].body, r#"{"seats":3}"#);
}

#[test]
fn json_is_what_the_daemon_said() {
    let printed: Value = serde_json::from_str(&list(&["-o", "json"])).unwrap();
    assert_eq!(printed[0], event("Jazz"));
    let lines = list(&["-o", "jsonl"]);
    assert_eq!(serde_json::from_str::<Value>(lines.lines().next().unwrap()).unwrap(), event("Jazz"));
    let header = list(&["-o", "csv"]);
    let header: Vec<&str> = header.lines().next().unwrap().split(',').collect();
    let members = event("Jazz").as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(members.iter().all(|member| header.contains(&member.as_str())), "{header:?}");
}

#[test]
fn times_are_told_in_the_zone_of_whoever_looks() {
    let home = home();
    let organization = json!({
        "id": ID, "name": "o", "keycloak_org_id": null, "created_at": "2026-11-01T00:00:00Z",
        "settings": {"timezone": "Asia/Tokyo"}, "member_count": 1, "owner_username": null,
    });
    let daemon = Daemon::start(&[
        ("GET /events/0197a1b2-0000-7000-8000-000000000001", 200, &event("Jazz").to_string()),
        ("GET /organizations/0197a1b2-0000-7000-8000-000000000001", 200, &organization.to_string()),
    ]);
    happening(home.path())
        .args(["event", "get", ID, "--server", &daemon.url])
        .env("HAPPENING_TOKEN", TOKEN)
        .env("TZ", "Europe/Berlin")
        .assert()
        .code(0)
        .stdout(predicate::str::contains("Date          2026-12-01 20:00 CET\n"))
        .stdout(predicate::str::contains("Date there    2026-12-02 04:00 (Asia/Tokyo)\n"));
}

#[test]
fn a_mistake_is_found_before_anything_is_booked() {
    let home = home();
    let daemon = Daemon::start(&[("POST /bookings", 500, &problem(500, "internal"))]);
    for (options, told) in [
        (&["--fields", "id,seets"][..], "there is no field `seets`"),
        (&["--fields", "seets"], "assigned_seats, position"),
        (&["--jq", ".["], "expected closing bracket"),
        (&["--jq", ".id", "-o", "yaml"], "goes with no other format"),
        (&["--fields", "id", "-o", "name"], "goes without --fields"),
        (&["-o", "xml"], "possible values: table, json, jsonl, yaml, csv, name"),
    ] {
        happening(home.path())
            .args(["booking", "create", ID, "--server", &daemon.url])
            .args(options)
            .env("HAPPENING_TOKEN", TOKEN)
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains(told));
    }
    assert!(daemon.requests().is_empty(), "{:?}", daemon.requests());
}

#[test]
fn errors_are_lines_under_jsonl_and_text_elsewhere() {
    let home = home();
    let daemon = Daemon::start(&[("GET /events", 403, &problem(403, "forbidden"))]);
    let run = |format: &str| {
        let mut command = happening(home.path());
        command.args(["event", "list", "--server", &daemon.url, "-o", format]).env("HAPPENING_TOKEN", TOKEN);
        String::from_utf8(command.assert().code(5).stdout("").get_output().stderr.clone()).unwrap()
    };
    let line = run("jsonl");
    assert_eq!(line.lines().count(), 1, "{line}");
    let document: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&document["code"], &document["request_id"]), (&json!("forbidden"), &json!("req-7")));
    for format in ["table", "csv", "yaml", "name"] {
        assert!(run(format).starts_with("error: because"), "{format}");
    }
}

#[test]
fn mistakes_of_the_command_line_are_documents_too() {
    let home = home();
    let told = |words: &[&str]| {
        let assert = happening(home.path()).args(words).assert().code(2).stdout("");
        let document: Value = serde_json::from_slice(&assert.get_output().stderr).unwrap();
        assert_eq!((&document["code"], &document["exit_code"]), (&json!("usage"), &json!(2)), "{words:?}");
        document
    };
    let limit = told(&["event", "list", "--limit", "0", "-o", "json"]);
    assert_eq!(limit["detail"], "invalid value '0' for '--limit <N>': 0 is not in 1..=4294967295");
    let misspelt = told(&["-ojsonl", "evnt"]);
    assert_eq!(misspelt["detail"], "unrecognized subcommand 'evnt'");
    assert_eq!(misspelt["hint"], "a similar subcommand exists: 'event'");
    assert_eq!(told(&["--output=json"])["detail"], "a command is missing");
    let missing = told(&["booking", "export", "-o", "json"]);
    assert!(missing["detail"].as_str().unwrap().contains("<--event <ID>|--org <ID|NAME>>"), "{missing}");
    happening(home.path())
        .args(["evnt", "-o", "yaml"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("Usage:"));
}

#[test]
fn a_table_of_any_route_has_what_is_no_list_and_no_object() {
    let home = home();
    let rows = json!([{"id": 1, "name": "a", "of": {"x": 1}}, {"id": 2, "tags": [], "free": null}]);
    let daemon = Daemon::start(&[("GET /rows", 200, &rows.to_string()), ("GET /words", 200, r#"["a"]"#)]);
    let print = |route: &str, options: &[&str]| {
        let mut command = happening(home.path());
        command
            .args(["api", "GET", route, "--server", &daemon.url])
            .args(options)
            .env("HAPPENING_TOKEN", TOKEN);
        String::from_utf8(command.assert().code(0).get_output().stdout.clone()).unwrap()
    };
    assert_eq!(print("/rows", &["-o", "table"]), "ID  NAME  FREE\n1   a     -\n2   -     -\n");
    assert_eq!(serde_json::from_str::<Value>(&print("/rows", &[])).unwrap(), rows);
    assert_eq!(serde_json::from_str::<Value>(&print("/words", &["-o", "table"])).unwrap(), json!(["a"]));
}
