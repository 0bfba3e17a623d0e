//! Completion, man pages and help topics.

use crate::signin::person;
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

/// A daemon whose caller is in these organizations.
fn with_organizations(names: &[&str]) -> Daemon {
    let of = |(number, name): (usize, &&str)| {
        json!({"organization_id": format!("0197a1b2-0000-7000-8000-00000000000{number}"), "role": "orgAdmin",
            "organization_name": name, "keycloak_org_id": null})
    };
    let mut person = person();
    person["organizations"] = names.iter().enumerate().map(of).collect();
    Daemon::start(&[("GET /users", 200, &json!([person]).to_string())])
}

#[test]
fn a_name_that_a_shell_would_act_upon_is_offered_as_an_id() {
    let home = home();
    let daemon = with_organizations(&["x;touch pwned;", "Demo", "Two Words", "$(id)"]);
    let offered = |typed: &str| offered(home.path(), &daemon.url, &["happening", "org", "get", typed]);
    assert_eq!(offered("De"), ["Demo"]);
    assert_eq!(offered("x"), ["0197a1b2-0000-7000-8000-000000000000"]);
    assert_eq!(offered("two"), ["0197a1b2-0000-7000-8000-000000000002"]);
    assert_eq!(offered("$"), ["0197a1b2-0000-7000-8000-000000000003"]);
}

/// What bash puts on the line `happening WORDS`, split as bash splits it, when Tab is pressed, and it runs that line.
fn run_by_bash(home: &Path, server: &str, words: &[&str]) -> String {
    let script = r#"source <(happening completion bash)
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
        _clap_complete_happening happening "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
        happening() { :; }
        for reply in "${COMPREPLY[@]}"; do eval "happening $reply"; done"#;
    let binary = assert_cmd::cargo::cargo_bin("happening");
    let output = std::process::Command::new("bash")
        .args(["--norc", "--noprofile", "-c", script, "bash"])
        .args(words)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", binary.parent().unwrap().display()))
        .env("HAPPENING_CONFIG_DIR", home)
        .env("HAPPENING_SERVER", server)
        .env("HAPPENING_TOKEN", TOKEN)
        .current_dir(home)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bash_runs_nothing_that_somebody_wrote() {
    let home = home();
    let daemon = with_organizations(&["x;touch pwned;", "x`touch pwned`", "x$(touch pwned)"]);
    let replies = run_by_bash(home.path(), &daemon.url, &["happening", "org", "get", "x"]);
    assert_eq!(replies.lines().count(), 3, "{replies}");
    assert!(!home.path().join("pwned").exists(), "{replies}");
    // What `context add` does not make may still be in a file.
    let contexts = json!({"storage": "file", "contexts": {"x;touch pwned;": {"server": "http://x"},
        "xyz": {"server": "http://y"}}});
    std::fs::write(home.path().join("config.json"), contexts.to_string()).unwrap();
    let replies = run_by_bash(home.path(), &daemon.url, &["happening", "--context", "x"]);
    assert_eq!(replies, "xyz\n");
    assert!(!home.path().join("pwned").exists());
    // Names of files are bash's own to complete, and to quote.
    std::fs::write(home.path().join("x;touch pwned;"), "").unwrap();
    let replies = run_by_bash(home.path(), &daemon.url, &["happening", "smoke", "--junit", "x"]);
    assert_eq!(replies.trim(), "");
    assert!(!home.path().join("pwned").exists());
}

#[test]
fn the_daemon_that_the_line_names_is_asked() {
    let home = home();
    let daemon = with_organizations(&["Demo"]);
    let run = |of: &[&str]| {
        let words = [&["happening"], of, &["org", "get", "D"]].concat();
        run_by_bash(home.path(), "http://127.0.0.1:1", &words)
    };
    let port = daemon.url.rsplit_once(':').unwrap().1;
    assert_eq!(run(&[]).trim(), "");
    // As bash splits `--server http://127.0.0.1:PORT` and `--server=http://…`.
    assert_eq!(run(&["--server", "http", ":", "//127.0.0.1", ":", port]), "Demo\n");
    assert_eq!(run(&["--server", "=", "http", ":", "//127.0.0.1", ":", port]), "Demo\n");
    let context = json!({"storage": "file", "contexts": {"here": {"server": daemon.url}}});
    std::fs::write(home.path().join("config.json"), context.to_string()).unwrap();
    assert_eq!(run(&["--context", "here"]), "Demo\n");
    let replies = run_by_bash(home.path(), &daemon.url, &["happening", "--context", "=", "he"]);
    assert_eq!(replies, "here\n", "only what stands behind the `=`");
}

#[test]
fn words_that_are_always_the_same_are_completed() {
    let home = home();
    let offered = |words: &[&str]| offered(home.path(), "http://127.0.0.1:1", words);
    assert_eq!(offered(&["happening", "event", "create", "--category", "c"]), ["concert"]);
    assert_eq!(offered(&["happening", "event", "list", "--status", "up"]), ["upcoming"]);
    assert_eq!(offered(&["happening", "invite", "send", "--role", "org"]), ["organizer", "orgAdmin"]);
    assert_eq!(offered(&["happening", "help", "ex"]), ["exit-codes", "export"]);
    assert_eq!(offered(&["happening", "api", "P"]), ["POST", "PUT", "PATCH"]);
}

#[test]
fn a_context_is_called_by_one_word() {
    let home = home();
    for name in ["", "two words", "a\tb", "a\u{1b}[2J"] {
        happening(home.path()).args(["context", "add", name, "http://x"]).assert().code(2).stdout("");
    }
    happening(home.path()).args(["context", "add", "prod", "http://x"]).assert().code(0);
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
