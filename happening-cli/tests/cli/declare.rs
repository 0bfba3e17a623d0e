//! Files that declare an organization: what is wrong with them is told with its place, and nobody is asked anything.

use crate::support::{Daemon, happening, home};
use std::fmt::Write as _;

/// Files, and what is wrong with them.
const WRONG: &[(&str, &str)] = &[
    ("unknown.yaml", "happening: 1\norganization:\n  name: Jazz\n  time_zone: Europe/Berlin\n"),
    (
        "type.yaml",
        "happening: 1\norganization: {name: Jazz}\nevents:\n  - name: Gala\n    date: 2030-01-01T19:00\n    seats: many\n",
    ),
    ("word.yaml", "happening: 1\norganization: {name: Jazz}\nmembers:\n  - {who: ada, role: boss}\n"),
    ("missing.yaml", "happening: 1\nevents: []\n"),
    ("twice.yaml", "happening: 1\nhappening: 1\n"),
    ("broken.yaml", "happening: 1\norganization: {name: Jazz\nmembers: []\n"),
    ("list.yaml", "- happening\n"),
    (
        "several.yaml",
        "happening: 1\norganization: {name: Jazz, timezone: Nowhere}\nevents:\n  - {name: Gala, date: tomorrow, seats: 0}\nmembers:\n  - {who: ada, role: user}\n  - {who: Ada, role: user}\n",
    ),
    ("escapes.yaml", "happening: 1\norganization: {name: Jazz, \"\\e[2J\": x}\n"),
    (
        "wrong.json",
        "{\n  \"happening\": 1,\n  \"organization\": {\"name\": \"Jazz\", \"contacts\": \"x\"}\n}\n",
    ),
    ("comma.json", "{\"happening\": 1, \"organization\": {\"name\": \"Jazz\"} \"events\": []}\n"),
    ("empty.yaml", "\n"),
];

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place() {
    let home = home();
    let mut told = String::new();
    for (name, text) in WRONG {
        std::fs::write(home.path().join(name), text).unwrap();
        let output =
            happening(home.path()).current_dir(home.path()).args(["apply", "-f", name]).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{name}");
        writeln!(told, "{}", String::from_utf8(output.stderr).unwrap()).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_cannot_be_read_is_told() {
    let home = home();
    std::fs::write(home.path().join("latin.yaml"), b"happening: 1\nname: caf\xe9\n").unwrap();
    let run = |arguments: &[&str], stdin: &'static str| {
        let mut command = happening(home.path());
        let output = command.current_dir(home.path()).args(arguments).write_stdin(stdin).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = run(&["diff", "-f", "latin.yaml"], "");
    assert_eq!((code, told.lines().next().unwrap()), (2, "error: latin.yaml:2:10: this is no UTF-8"));
    let (code, told) = run(&["diff", "-f", "nowhere.yaml"], "");
    assert!(code == 2 && told.contains("nowhere.yaml cannot be read"), "{told}");
    let (code, told) = run(&["apply", "-f", "-"], "happening: 1\n");
    assert!(code == 2 && told.contains("stdin:1:1: `organization` is missing"), "{told}");
    let (code, told) = run(&["apply"], "");
    assert!(code == 2 && told.contains("name a file"), "{told}");
    assert_eq!(run(&["apply", "--schema", "-f", "x"], "").0, 2);
}

#[test]
fn the_schema_needs_no_daemon() {
    let output = happening(home().path()).args(["apply", "--schema"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"]["organization"]["$ref"], "#/$defs/DeclaredOrganization");
}

#[test]
fn of_two_organizations_with_the_name_none_is_guessed() {
    let home = home();
    let file = home.path().join("jazz.yaml");
    std::fs::write(&file, "happening: 1\norganization: {name: Jazz}\n").unwrap();
    let one = |last: char| {
        let id = format!("0197a1b2-0000-7000-8000-00000000000{last}");
        format!(
            r#"{{"id": "{id}", "name": "Jazz", "keycloak_org_id": null, "created_at": "2026-11-01T00:00:00Z",
            "settings": {{}}, "member_count": 1, "owner_username": null}}"#
        )
    };
    let both = format!("[{}, {}]", one('1'), one('2'));
    let daemon = Daemon::start(&[("GET /organizations", 200, &both), ("GET /users", 200, "[]")]);
    let mut command = happening(home.path());
    command.args(["apply", "-f"]).arg(&file).env("HAPPENING_SERVER", &daemon.url);
    let output = command.env("HAPPENING_TOKEN", crate::support::TOKEN).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(told.contains("000000000001, 0197a1b2-0000-7000-8000-000000000002"), "{told}");
}
