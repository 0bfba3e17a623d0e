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
        screen.press(&["C-c"]);
        screen.shows_within(&["interrupted, nothing was changed"], Duration::from_secs(5)).await;
        screen.shows(&["ended 130"]).await;
        screen.shows(&[" icanon", " echo "]).await;
        assert_eq!(screen.variable("cursor_flag"), "1", "the cursor is there again");
    }
    assert_eq!(organizer.run(&["event", "get", &gala]).await.code, 0);
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
    screen.press(&["C-c"]);
    screen.shows(&["ended 130"]).await;
}
