//! Completion, man pages and help topics.

use crate::support::{Daemon, ID, TOKEN, event, happening, home};
use predicates::prelude::*;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// What bash would be offered for the last word.
fn offered(home: &Path, server: &str, words: &[&str]) -> Vec<String> {
    let mut command = happening(home);
    command
        .env("HAPPENING_COMPLETE", "bash")
        .env("HAPPENING_SERVER", server)
        .env("HAPPENING_TOKEN", TOKEN)
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "true")
        .env("_CLAP_IFS", "\n")
        .arg("--")
        .args(words);
    let output = command.assert().code(0).stderr("").get_output().stdout.clone();
    String::from_utf8(output).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn commands_options_and_values_are_completed() {
    let home = home();
    let offered = |words: &[&str]| offered(home.path(), "http://127.0.0.1:1", words);
    assert_eq!(offered(&["happening", "boo"]), ["booking"]);
    assert_eq!(offered(&["happening", "booking", "can"]), ["cancel", "cancel-seats"]);
    assert_eq!(offered(&["happening", "event", "list", "--ou"]), ["--output"]);
    assert_eq!(offered(&["happening", "event", "list", "-o", "js"]), ["json", "jsonl"]);
}

#[test]
fn events_are_completed_by_id_and_by_name() {
    let home = home();
    let mut second = event("Rust Night");
    second["id"] = json!("0197a1b2-0000-7000-8000-000000000002");
    let daemon = Daemon::start(&[("GET /events", 200, &json!([event("Jazz"), second]).to_string())]);
    let offered = |typed: &str| offered(home.path(), &daemon.url, &["happening", "event", "get", typed]);
    assert_eq!(offered("jaz"), [ID]);
    assert_eq!(offered("0197").len(), 2);
    assert_eq!(offered("x"), [""; 0]);
}

#[test]
fn a_daemon_that_hangs_is_not_waited_for_and_not_spoken_of() {
    let home = home();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let begun = Instant::now();
    assert_eq!(offered(home.path(), &url, &["happening", "event", "get", "ja"]), [""; 0]);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[test]
fn scripts_are_understood_by_their_shells() {
    let home = home();
    for shell in ["bash", "zsh", "fish"] {
        let output = happening(home.path()).args(["completion", shell]).assert().code(0).stderr("");
        let script = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        assert!(script.contains("HAPPENING_COMPLETE"), "{shell}: {script}");
        // Bash is there wherever these tests run; the others are asked if they are.
        let checks = std::process::Command::new(shell).arg("-n").arg("-c").arg(&script).status();
        assert!(checks.map_or(shell != "bash", |status| status.success()), "{shell}");
    }
    happening(home.path()).args(["completion", "tcsh"]).assert().code(2);
}

#[test]
fn topics_and_commands_have_help() {
    let home = home();
    let run = |args: &[&str]| happening(home.path()).arg("help").args(args).assert();
    run(&["exit-codes"]).code(0).stdout(predicate::str::contains("130  interrupted")).stderr("");
    run(&["environment"]).code(0).stdout(predicate::str::contains("HAPPENING_CLIENT_SECRET"));
    run(&["formats"]).code(0).stdout(predicate::str::contains("--jq FILTER"));
    run(&["event", "create"]).code(0).stdout(predicate::str::contains("happening event create [OPTIONS]"));
    run(&[]).code(0).stdout(predicate::str::contains("First steps"));
    run(&["nonsense"])
        .code(2)
        .stdout("")
        .stderr(predicate::str::contains("exit-codes, environment, formats"));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let home = home();
    let man = |args: &[&str]| happening(home.path()).arg("man").args(args).assert();
    man(&[]).code(0).stdout(predicate::str::contains(".TH happening 1")).stderr("");
    man(&["event", "create"]).code(0).stdout(predicate::str::contains("\\-\\-waitlist\\-policy"));
    man(&["nonsense"]).code(2);
    let pages = home.path().join("man1");
    man(&["--directory", pages.to_str().unwrap()]).code(0).stdout("");
    assert!(pages.join("happening-event-create.1").exists());
}
