//! The daemon's commands beside `serve`: what is in force, what is wrong, and making right without a daemon.

use crate::support::books::Books;
use crate::support::parts::Parts;
use crate::support::people::{book, publish, sign_in};
use crate::support::{Daemon, binary};
use happening_core::wire::BookingStatus;
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

on_both_parts!(drift_is_made_right_without_a_daemon, a_doctor_finds_that_all_is_well);

async fn drift_is_made_right_without_a_daemon(parts: Parts) {
    let mut daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 4).await.id;
    let holder = book(&member, event, 4).await;
    let waiting = book(&organizer, event, 2).await;
    if parts.stack().is_none() {
        let (code, _, stderr) = daemon.command(&["reconcile"]).await;
        assert_eq!(code, 1, "SQLite serves one");
        assert!(stderr.contains("another daemon uses"), "{stderr}");
    }
    daemon.kill().await;
    let (code, stdout, stderr) = daemon.command(&["reconcile"]).await;
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("0 differences"), "{stdout}");
    assert_eq!(stdout.contains("in the memory of a daemon"), parts.stack().is_none(), "{stdout}");

    let seats = "UPDATE booking_seats SET status = 'cancelled' WHERE booking_id = {id} AND seat_no > 2";
    parts.by_hand(seats, holder.id.0).await;
    parts.by_hand("UPDATE bookings SET seats = 2 WHERE id = {id}", holder.id.0).await;
    parts.by_hand("UPDATE events SET name = 'E\u{1b}[31m' WHERE id = {id}", event.0).await;
    let (code, stdout, stderr) = daemon.command(&["reconcile"]).await;
    assert_eq!(code, 10, "{stdout}{stderr}");
    assert!(stdout.contains("available_slots: expected 2, found 0 (can be healed with --fix)"), "{stdout}");
    assert!(stdout.contains("past the daemon") && !stdout.contains('\u{1b}'), "{stdout}");
    let (code, stdout, stderr) = daemon.command(&["reconcile", "--fix"]).await;
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("(healed)"), "{stdout}");
    let (code, stdout, _) = daemon.command(&["reconcile"]).await;
    assert_eq!(code, 0, "{stdout}");

    daemon.restart().await;
    let served = organizer.client.booking(waiting.id).await.expect("a booking");
    assert_eq!((served.status, served.assigned_seats), (BookingStatus::Confirmed, Some(vec![3, 4])));
    Books::of(&parts).await.audit_rows();
}

async fn a_doctor_finds_that_all_is_well(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (code, stdout, stderr) = daemon.command(&["doctor"]).await;
    assert_eq!(code, 0, "{stdout}{stderr}");
    let expected = if parts.stack().is_some() { "postgresql answers" } else { "sqlite, " };
    assert!(stdout.contains(expected), "{stdout}");
    assert!(!stdout.contains("problem"), "{stdout}");
}

#[tokio::test]
async fn a_doctor_names_what_is_wrong_and_what_mends_it() {
    let directory = TempDir::new().expect("a directory");
    let mut command = binary(directory.path());
    command.arg("doctor").envs([
        ("DATABASE_URL", "postgres://happening:hush@127.0.0.1:1/happening"),
        ("REDIS_URL", "redis://:hush@127.0.0.1:1"),
        ("RABBITMQ_URL", "amqp://happening:hush@127.0.0.1:1"),
        ("KEYCLOAK_SERVER_URL", "http://127.0.0.1:1"),
    ]);
    let output = command.output().await.expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    for (check, condition, mend) in [
        ("store", "problem", "start PostgreSQL"),
        ("counters", "warning", "start Redis"),
        ("queue", "warning", "start RabbitMQ"),
        ("issuer", "problem", "start Keycloak"),
        ("keycloak", "warning", "KEYCLOAK_CLIENT_SECRET"),
    ] {
        let mut lines = stdout.lines().skip_while(|line| line.split_whitespace().nth(1) != Some(check));
        let line = lines.next().unwrap_or_else(|| panic!("{check} was not looked at: {stdout}"));
        assert!(line.starts_with(condition), "{line}");
        assert!(
            lines.next().is_some_and(|line| line.contains("mended by") && line.contains(mend)),
            "{stdout}"
        );
    }
    assert!(!stdout.contains("hush"), "no password is shown: {stdout}");
}

#[tokio::test]
async fn a_doctor_finds_what_keeps_the_embedded_parts_from_working() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("a-file");
    std::fs::write(&file, "no directory").expect("a file");
    let junk = directory.path().join("junk");
    std::fs::create_dir(&junk).expect("a directory");
    std::fs::write(junk.join("issuer-key.pem"), "junk").expect("a file");
    std::fs::write(
        junk.join("happening.db"),
        "no database at all, but long enough to be looked at".repeat(9),
    )
    .expect("a file");
    let doctor = async |data: &std::path::Path| {
        let mut command = binary(directory.path());
        let output =
            command.arg("doctor").arg("--data-dir").arg(data).output().await.expect("the binary runs");
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    for bad in [&file, &file.join("below"), std::path::Path::new("/proc/nope")] {
        let (code, told) = doctor(bad).await;
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("problem  store") && told.contains("--data-dir"), "{told}");
    }
    let (code, told) = doctor(&junk).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("happening.db, or move it away"), "{told}");
    assert!(told.contains("problem  issuer") && told.contains("put back issuer-key.pem"), "{told}");
    let (code, told) = doctor(&directory.path().join("to/be/made")).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(!directory.path().join("to").exists(), "nothing is changed");
}

#[tokio::test]
async fn settings_that_cannot_be_meant_are_named_and_no_secret_is_told() {
    let directory = TempDir::new().expect("a directory");
    let serve = async |variables: &[(&str, &str)]| {
        let mut command = binary(directory.path());
        let output = command.arg("serve").envs(variables.iter().copied()).output().await.expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    assert!(serve(&[("DB_READERS", "0")]).await.contains("DB_READERS: must be at least 1"));
    for (bad, told) in [("web", "\"web\""), ("70000", "70000"), ("-1", "\"-1\"")] {
        let expected = format!("PORT must be a whole number from 0 to 65535, not {told}");
        assert!(serve(&[("PORT", bad)]).await.contains(&expected), "{bad}");
    }
    assert!(
        serve(&[("WEBHOOK_ALLOW_PRIVATE", "maybe")]).await.contains("must be true or false, not \"maybe\"")
    );
    assert!(serve(&[("ALLOWED_ORIGINS", "nonsense")]).await.contains("ALLOWED_ORIGINS: nonsense"));
    let told = serve(&[("DATABASE_URL", "mysql://me:hush@db/x")]).await;
    assert!(told.contains("DATABASE_URL") && !told.contains("hush"), "{told}");
    std::fs::write(directory.path().join("happening.toml"), "prot = 1\n").expect("a file");
    let told = serve(&[]).await;
    assert!(told.contains("there is no setting `prot`") && told.contains("happening.toml"), "{told}");
}

#[tokio::test]
async fn every_setting_is_shown_with_its_origin_and_no_secret() {
    let directory = TempDir::new().expect("a directory");
    let file = "port = 6001\nredis_url = \"redis://:hush@cache\"\ndb_password = \"hush\"\n";
    std::fs::write(directory.path().join("happening.toml"), file).expect("a file");
    let run = async |arguments: &[&str]| {
        let mut command = binary(directory.path());
        command.args(arguments).env("PORT", "6002").env("DB_HOST", "db");
        let output = command.output().await.expect("the binary runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let shown = run(&["config", "--data-dir", "/elsewhere"]).await;
    let line = |name: &str| {
        let of = |line: &&str| line.split_whitespace().next() == Some(name);
        let line = shown.lines().find(of).unwrap_or_else(|| panic!("no {name}: {shown}"));
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("port"), "6002 environment PORT", "the environment outranks the file");
    assert_eq!(line("db_host"), "db environment DB_HOST");
    assert_eq!(line("data_dir"), "/elsewhere flag --data-dir", "a flag outranks both");
    assert!(line("redis_url").starts_with("redis://:***@cache"), "{shown}");
    assert!(line("redis_url").ends_with("happening.toml"), "{shown}");
    assert!(line("db_password").starts_with("*** file"), "{shown}");
    assert_eq!(line("keycloak_realm"), "happening default");
    assert_eq!(line("rabbitmq_url"), "- default");
    assert!(!shown.contains("hush"));
    let json: serde_json::Value = serde_json::from_str(&run(&["config", "--json"]).await).expect("JSON");
    let of = |name| json.as_array().expect("a list").iter().find(|one| one["name"] == name).expect("there");
    assert_eq!(
        (&of("port")["value"], &of("rabbitmq_url")["value"]),
        (&"6002".into(), &serde_json::Value::Null)
    );
    let mut command = binary(directory.path());
    let output = command.args(["config", "--config", "nowhere.toml"]).output().await.expect("runs");
    assert!(!output.status.success(), "a file that is named must be there");
}

/// Also where others made the files, or an older daemon did.
#[tokio::test]
async fn the_embedded_database_is_for_its_owner_alone() {
    let parts = Parts::embedded();
    let mut daemon = Daemon::start(&parts).await;
    let database = parts.sqlite();
    let modes = || {
        let files = std::fs::read_dir(database.parent().expect("a directory")).expect("files");
        let files = files.map(|file| file.expect("a file")).filter(|file| file.path().is_file());
        let mode = |file: &std::fs::DirEntry| file.metadata().expect("it is there").permissions().mode();
        let open = files.filter(|file| mode(file) & 0o077 != 0).map(|file| file.file_name());
        open.filter(|name| name.to_string_lossy().starts_with("happening.db")).collect::<Vec<_>>()
    };
    assert_eq!(modes(), Vec::<std::ffi::OsString>::new());
    daemon.kill().await;
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    daemon.restart().await;
    assert_eq!(modes(), Vec::<std::ffi::OsString>::new());
    assert!(daemon.log().contains("they no longer can"), "it is reported");
}
