//! Exit codes, on which scripts build.

use crate::cli::Terminal;
use crate::story::publish;
use crate::support::Daemon;
use crate::support::parts::Parts;

const NOBODYS: &str = "0197a1b2-0000-7000-8000-000000000001";

async fn commands_fail_as_documented(parts: Parts) {
    let mut daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let member = Terminal::signed_in(&daemon, "member").await;
    let stranger = Terminal::at(&daemon);
    let event = publish(&organizer, "Spring Gala").await;
    let booking = organizer.json(&["booking", "create", &event, "--seat", "1,2"]).await;
    let booking = booking["id"].as_str().expect("an id");
    let publishing =
        ["event", "create", "--org", "Demo", "--name", "n", "--date", "2099-12-01", "--seats", "5"];

    let cases: [(&Terminal, &[&str], i32); 12] = [
        (&member, &["event", "get", NOBODYS], 3),
        (&member, &["booking", "get", booking], 3),
        (&member, &["event", "list", "--org", "Nowhere"], 3),
        (&member, &["booking", "create", &event, "--seat", "2,3"], 6),
        (&stranger, &["event", "list"], 4),
        (&stranger, &["booking", "create", &event], 4),
        (&member, &publishing, 5),
        (&member, &["event", "get", "no-id"], 2),
        (&member, &["booking", "create", &event, "--seats", "0"], 2),
        (&member, &["booking", "create", &event, "--seat", "6"], 2),
        (&member, &["booking", "cancel", booking], 2),
        (&stranger, &["status", "--server", "http://127.0.0.1:1"], 8),
    ];
    for (person, arguments, code) in cases {
        let ended = person.run(arguments).await;
        assert_eq!(ended.code, code, "happening {arguments:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "stdout is data only: {arguments:?}");
        assert!(ended.stderr.contains("error:"), "{arguments:?}: {ended:?}");
    }
    assert_eq!(stranger.run(&["status"]).await.code, 0, "how the daemon is may be asked by anyone");
    let seats = organizer.json(&["event", "seats", &event]).await;
    assert_eq!(seats["taken"], serde_json::json!([1, 2]), "nothing was booked by any of it");

    assert_eq!(member.run(&["logout"]).await.code, 0);
    assert_eq!(member.run(&["booking", "list"]).await.code, 4);
    daemon.kill().await;
    assert_eq!(organizer.run(&["event", "list"]).await.code, 8);
}

#[tokio::test]
async fn commands_fail_as_documented_on_embedded_parts() {
    commands_fail_as_documented(Parts::embedded()).await;
}

#[tokio::test]
async fn commands_fail_as_documented_on_the_real_parts() {
    commands_fail_as_documented(Parts::real().await).await;
}
