//! The TUI on a real terminal: signed in, kept fresh, and leaving the terminal as it was.

use crate::cli::Terminal;
use crate::screen::Screen;
use crate::support::Daemon;
use crate::support::browser::{Decision, decide};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, sign_in};
use happening_core::id::EventId;
use happening_core::wire::CreateEvent;
use std::time::Duration;

/// How old what is shown may be.
const FRESH: Duration = Duration::from_secs(5);

async fn publish_gala(organizer: &Signed) -> EventId {
    let create = CreateEvent {
        org_id: demo_organization(organizer).await,
        created_by: None,
        name: "Winter Gala".to_owned(),
        description: None,
        category: None,
        event_date: "2099-12-01T19:00".to_owned(),
        total_slots: 12,
        waitlist_policy: None,
        bypass_limit: None,
        waitlist_limit: None,
        max_seats_per_booking: None,
    };
    organizer.client.create_event(&create).await.expect("an event").id
}

/// From the list to the seats and out again.
async fn the_workplace_is_walked_through(screen: Screen, member: &Signed, gala: EventId) {
    screen.shows(&["Winter Gala", "12/12"]).await;
    screen.shows(&["Harbour Lights", "120/120"]).await;
    assert_eq!(screen.variable("alternate_on"), "1");

    book(member, gala, 3).await;
    screen.shows_within(&["Winter Gala", "9/12"], FRESH).await;

    screen.press(&["/"]);
    screen.press(&["-l", "Gala"]);
    screen.press(&["Enter"]);
    screen.shows(&["1 of 3"]).await;
    screen.press(&["Enter"]);
    screen.shows(&["9 of 12 free"]).await;
    screen.shows(&["●", "3 taken"]).await;
    screen.shows(&["1", "● ● ● ○ ○"]).await;

    book(member, gala, 9).await;
    book(member, gala, 2).await;
    screen.shows_within(&["0 of 12 free", "1 waiting"], FRESH).await;
    screen.shows_within(&["1", "member", "2"], FRESH).await;

    screen.press(&["q"]);
    screen.shows(&["ended 0"]).await;
    screen.shows(&[" icanon", " echo "]).await;
    assert_eq!(screen.variable("alternate_on"), "0", "the shell has its screen back");
    assert_eq!(screen.variable("cursor_flag"), "1", "the cursor is there again");
    assert_eq!(screen.variable("mouse_any_flag"), "0", "the mouse is the terminal's again");
}

#[tokio::test]
async fn the_workplace_shows_the_real_parts_to_whoever_brings_a_token() {
    let parts = Parts::real().await;
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let gala = publish_gala(&organizer).await;
    let screen = Screen::open(&Terminal::at(&daemon), &[("HAPPENING_TOKEN", &member.token)], &[]);
    the_workplace_is_walked_through(screen, &member, gala).await;
}

#[tokio::test]
async fn the_workplace_uses_the_sign_in_of_the_command_line() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let gala = publish_gala(&organizer).await;
    let terminal = Terminal::signed_in(&daemon, "organizer").await;
    let screen = Screen::open(&terminal, &[], &[]);
    the_workplace_is_walked_through(screen, &member, gala).await;
}

#[tokio::test]
async fn the_workplace_signs_in_by_itself() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let terminal = Terminal::at(&daemon);
    let screen = Screen::open(&terminal, &[], &["--insecure-storage"]);
    screen.shows(&["user_code="]).await;
    let text = screen.text();
    let address = text.split_whitespace().find(|word| word.contains("user_code=")).expect("an address");
    let code = address.rsplit('=').next().expect("a code");
    assert!(
        text.lines().any(|line| line.contains(code) && !line.contains("user_code=")),
        "the code alone: {text}"
    );

    decide(address, "member", Decision::Approve).await;
    screen.shows(&["Rust Night", "5/5"]).await;
    screen.shows(&["Happening", "member"]).await;
    screen.press(&["q"]);
    screen.shows(&["ended 0"]).await;
    assert_eq!(
        terminal.json(&["whoami"]).await["username"],
        "member",
        "the sign-in is kept for the command line too"
    );
}
