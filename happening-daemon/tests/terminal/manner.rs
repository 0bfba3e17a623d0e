//! The command line on a real terminal: it asks, it pages, it shows that it waits, and it leaves the terminal as it was.

use crate::cli::Terminal;
use crate::screen::Screen;
use crate::story::publish;
use crate::support::Daemon;
use crate::support::parts::Parts;
use std::time::Duration;

/// An organizer with an event of five seats. The parts last as long as what stands on them.
async fn stage() -> ((Parts, Daemon), Terminal, String) {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let organizer = Terminal::signed_in(&daemon, "organizer").await;
    let gala = publish(&organizer, "Winter Gala").await;
    ((parts, daemon), organizer, gala)
}

#[tokio::test]
async fn what_destroys_names_what_will_be_gone_and_takes_no_for_an_answer() {
    let (_daemon, organizer, gala) = stage().await;
    organizer.json(&["booking", "create", &gala, "--seats", "2"]).await;
    let screen = Screen::of_command(&organizer, &[], &["event", "delete", &gala]);
    screen.shows(&["Delete `Winter Gala`? 2 seats are booked and 0 parties wait", "[y/N]"]).await;
    screen.press(&["n", "Enter"]);
    screen.shows(&["error: cancelled, nothing was changed"]).await;
    screen.shows(&["ended 11"]).await;
    assert_eq!(organizer.run(&["event", "get", &gala]).await.code, 0);

    let screen = Screen::of_command(&organizer, &[], &["event", "delete", &gala]);
    screen.shows(&["[y/N]"]).await;
    screen.press(&["y", "Enter"]);
    screen.shows(&["ended 0"]).await;
    assert_eq!(organizer.run(&["event", "get", &gala]).await.code, 3);
}

#[tokio::test]
async fn ctrl_c_at_a_question_and_while_waiting_ends_at_once() {
    let (_daemon, organizer, gala) = stage().await;
    for arguments in
        [&["event", "delete", &gala][..], &["event", "wait", &gala, "--for=sold-out", "--timeout", "5m"]]
    {
        let screen = Screen::of_command(&organizer, &[], arguments);
        let shown = if arguments[1] == "delete" { "[y/N]" } else { "Waiting: 5 of 5 seats are free" };
        screen.shows(&[shown]).await;
        interrupted(&screen, "interrupted, nothing was changed").await;
    }
    assert_eq!(organizer.run(&["event", "get", &gala]).await.code, 0);
}

/// After Ctrl-C: what is told, the exit code, and the terminal as it was.
async fn interrupted(screen: &Screen, told: &str) {
    screen.press(&["C-c"]);
    screen.shows_within(&[told], Duration::from_secs(5)).await;
    screen.shows(&["ended 130"]).await;
    screen.shows(&[" icanon", " echo "]).await;
    assert_eq!(screen.variable("cursor_flag"), "1", "the cursor is there again");
}

#[tokio::test]
async fn ctrl_c_leaves_the_terminal_as_it_was_whatever_goes_on() {
    let (_daemon, organizer, gala) = stage().await;
    let nothing = "error: interrupted, nothing was changed";
    let screen = Screen::of_command(&organizer, &[], &["login", "--insecure-storage"]);
    screen.shows(&["Waiting for your approval; the code expires in"]).await;
    interrupted(&screen, nothing).await;
    assert_eq!(organizer.run(&["whoami"]).await.code, 0, "the sign-in that was there still is");

    let screen = Screen::of_command(&organizer, &[], &["event", "watch", &gala]);
    screen.shows(&["5 of 5 seats are free"]).await;
    interrupted(&screen, nothing).await;

    let screen = Screen::of_command(&organizer, &[], &["api", "POST", "/events", "--data", "@-"]);
    screen.shows(&["Reading from the terminal; Ctrl-D ends it."]).await;
    interrupted(&screen, nothing).await;
}

#[tokio::test]
async fn ctrl_c_while_a_write_is_under_way_says_that_it_may_have_been_done() {
    // It takes the request and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("an address");
    let (_daemon, organizer, gala) = stage().await;
    let token = [("HAPPENING_TOKEN", "e30.eyJzdWIiOiJhZGEifQ.x")];
    let server = format!("http://{address}");
    let arguments = ["booking", "create", &gala, "--server", &server, "-v"];
    let screen = Screen::of_command(&organizer, &token, &arguments);
    screen.shows(&["> POST"]).await;
    interrupted(&screen, "what was asked of it may have been done").await;
    screen.shows(&["hint: look before you try again"]).await;
}

#[tokio::test]
async fn what_is_longer_than_the_terminal_is_paged_unless_told_otherwise() {
    let (_daemon, organizer, _) = stage().await;
    for number in 0..30 {
        publish(&organizer, &format!("Evening {number}")).await;
    }
    let list = ["event", "list"];
    let one_word = [("PAGER", "true")];
    let screen = Screen::of_command(&organizer, &one_word, &list);
    screen.shows(&["ended 0"]).await;
    assert!(!screen.text().contains("Evening"), "the pager had it: {}", screen.text());
    let screen = Screen::of_command(&organizer, &one_word, &["event", "list", "--no-pager"]);
    screen.shows(&["ended 0"]).await;
    assert!(screen.text().contains("Evening"), "{}", screen.text());
    // A pager that is not there is none.
    let screen = Screen::of_command(&organizer, &[("PAGER", "/nonexistent/pager")], &list);
    screen.shows(&["ended 0"]).await;
    assert!(screen.text().contains("Evening"), "{}", screen.text());
}

#[tokio::test]
async fn a_code_is_shown_to_be_scanned_where_it_fits() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let terminal = Terminal::at(&daemon);
    let screen = Screen::of_command(&terminal, &[], &["login", "--insecure-storage", "--no-browser"]);
    screen.shows(&["█▀▀▀▀▀█"]).await;
    screen.shows(&["Your code: "]).await;
    screen.shows(&["Waiting for your approval; the code expires in"]).await;
}
