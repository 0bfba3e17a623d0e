//! The scripts of `docs/scripts`, as they are, against the daemon.

use crate::cli::{Ended, Terminal, binary};
use crate::declare::accept;
use crate::story::publish;
use crate::support::Daemon;
use crate::support::parts::Parts;
use std::path::Path;
use tokio::process::Command;

/// Runs a script to its end, with `happening` in its path.
async fn run(terminal: &Terminal, name: &str, arguments: &[&str]) -> Ended {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scripts").join(name);
    let binaries = binary("happening").parent().expect("a directory").display().to_string();
    let mut command = Command::new(script);
    command.args(arguments).env_clear().envs(terminal.environment());
    command.env("PATH", format!("{binaries}:{}", std::env::var("PATH").unwrap_or_default()));
    Ended::of(command.kill_on_drop(true).output().await.expect("the script runs"))
}

async fn ci_checks_a_daemon(parts: Parts) {
    let mut daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let directory = organizer.home.path().join("reports");
    let directory = directory.to_str().expect("UTF-8");
    let ended = run(&organizer, "ci-smoke.sh", &[directory]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    for report in ["smoke.xml", "smoke.json"] {
        let text = std::fs::read_to_string(format!("{directory}/{report}")).expect("a report");
        assert!(text.contains("no seat is booked twice"), "{report}: {text}");
    }
    daemon.kill().await;
    let ended = run(&organizer, "ci-smoke.sh", &[directory, "1"]).await;
    assert_eq!(ended.code, 8, "{ended:?}");
    assert!(ended.stderr.contains("no daemon answers"), "{ended:?}");
}

async fn a_sold_out_event_is_waited_for(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let gala = publish(&organizer, "Winter Gala").await;
    let ended = run(&organizer, "wait-for-sold-out.sh", &[&gala, "1s"]).await;
    assert_eq!(ended.code, 7, "{ended:?}");
    assert!(ended.stdout.contains("Not sold out: 5 of 5 seats are free"), "{ended:?}");
    let patient = [&gala, "30s"];
    let waiting = run(&organizer, "wait-for-sold-out.sh", &patient);
    let booking = async { organizer.run(&["booking", "create", &gala, "--seats", "5"]).await.code };
    let (ended, code) = tokio::join!(waiting, booking);
    assert_eq!((ended.code, code), (0, 0), "{ended:?}");
    assert!(ended.stdout.contains("Sold out: Winter Gala"), "{ended:?}");
}

async fn an_organization_is_set_up_by_a_script(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let ended = run(&admin, "set-up-organization.sh", &[]).await;
    assert_eq!(ended.code, 9, "the organizer of an event has not accepted the invite: {ended:?}");
    assert!(ended.stdout.contains("created") && ended.stdout.contains("invited"), "{ended:?}");
    accept(&Terminal::signed_in(&daemon, "organizer").await).await;
    let ended = run(&admin, "set-up-organization.sh", &[]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let events = admin.json(&["event", "list", "--org", "Jazz Club", "--fields", "name"]).await;
    assert_eq!(events, serde_json::json!([{"name": "Jam Session"}, {"name": "First Night"}]));
    let again = run(&admin, "set-up-organization.sh", &[]).await;
    assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{again:?}");
    assert_eq!(run(&admin, "set-up-organization.sh", &["/nowhere.yaml"]).await.code, 2);
}

async fn organizations_are_exported_each_night(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = Terminal::signed_in(&daemon, "admin").await;
    let demo = admin.json(&["org", "get", "Demo"]).await["id"].as_str().expect("an id").to_owned();
    let directory = admin.home.path().join("exports");
    let directory = directory.to_str().expect("UTF-8");
    let file = format!("{directory}/{demo}.yaml");
    let mut nights = Vec::new();
    for _ in 0..2 {
        let ended = run(&admin, "nightly-export.sh", &[directory]).await;
        assert_eq!(ended.code, 0, "{ended:?}");
        nights.push(std::fs::read_to_string(&file).expect("an export"));
    }
    assert_eq!(nights[0], nights[1], "nothing changed");
    let ended = admin.run(&["diff", "-f", &file]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let left = std::fs::read_dir(directory).expect("a directory").filter_map(Result::ok);
    let left: Vec<_> = left.map(|entry| entry.file_name().into_string().expect("UTF-8")).collect();
    assert!(left.iter().all(|name| !name.starts_with('.')), "nothing is left over: {left:?}");
    assert_ne!(run(&Terminal::at(&daemon), "nightly-export.sh", &[directory]).await.code, 0);
}

on_both_parts!(
    ci_checks_a_daemon,
    a_sold_out_event_is_waited_for,
    an_organization_is_set_up_by_a_script,
    organizations_are_exported_each_night,
);
