//! The TUI on a real terminal: signed in, kept fresh, and leaving the terminal as it was.

use crate::cli::Terminal;
use crate::screen::{Screen, Setting};
use crate::support::browser::{Decision, decide};
use crate::support::keycloak::OwnRealm;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, event_of, sign_in};
use crate::support::processes::processor_time_of;
use crate::support::{Daemon, eventually, signal};
use happening_core::id::EventId;
use serde_json::json;
use std::time::Duration;

/// How old what is shown may be.
const FRESH: Duration = Duration::from_secs(5);

async fn publish_gala(organizer: &Signed) -> EventId {
    let create = event_of(demo_organization(organizer).await, "Winter Gala".to_owned(), 12);
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
    screen.is_given_back().await;
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

/// Signed in on embedded parts, with the list of events.
async fn at_the_list(setting: Setting<'_>, variables: &[(&str, &str)]) -> (Parts, Daemon, Screen) {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let member = sign_in(&daemon, "member").await;
    let variables = [&[("HAPPENING_TOKEN", member.token.as_str())], variables].concat();
    let screen = Screen::open_in(setting, &Terminal::at(&daemon), &variables, &[]);
    screen.shows(&["Harbour Lights", "120/120"]).await;
    (parts, daemon, screen)
}

#[tokio::test]
async fn the_terminal_is_given_back_whatever_ends_the_workplace() {
    for (sent, ended) in [("TERM", "ended 143"), ("HUP", "ended 129"), ("INT", "ended 130")] {
        let (_parts, _daemon, screen) = at_the_list(Setting::default(), &[]).await;
        signal(screen.pid(), sent);
        screen.shows(&[ended]).await;
        screen.is_given_back().await;
    }
}

#[tokio::test]
async fn the_terminal_is_given_back_before_a_panic_is_told() {
    let (_parts, _daemon, screen) = at_the_list(Setting::default(), &[]).await;
    signal(screen.pid(), "USR1");
    screen.shows(&["told to by SIGUSR1"]).await;
    screen.shows(&["ended 101"]).await;
    screen.is_given_back().await;
}

#[tokio::test]
async fn a_daemon_that_goes_is_told_and_its_return_too() {
    let (_parts, mut daemon, screen) = at_the_list(Setting::default(), &[]).await;
    daemon.kill().await;
    screen.shows(&["trying again"]).await;
    assert!(screen.text().contains("Harbour Lights"), "what was seen last stays");
    daemon.restart().await;
    screen.shows_within(&["Happening", "● live"], Duration::from_secs(30)).await;
    screen.hides(&["trying again"]).await;
}

/// The overview is drawn anew once a second, as its figures come; the rest is not drawn at all.
#[tokio::test]
async fn nearly_no_processor_time_is_used_while_nobody_does_anything() {
    const WATCHED: Duration = Duration::from_secs(10);
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let operator = sign_in(&daemon, "operator").await;
    let setting = Setting { size: (160, 48), ..Setting::default() };
    for (start, share) in [("overview", 0.05), ("events", 0.02)] {
        let variables = [("HAPPENING_TOKEN", operator.token.as_str())];
        let screen = Screen::open_in(setting, &Terminal::at(&daemon), &variables, &["--screen", start]);
        screen.shows(&["Happening", "● live"]).await;
        // What the start costs.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let before = processor_time_of(screen.pid());
        tokio::time::sleep(WATCHED).await;
        let used = processor_time_of(screen.pid()).saturating_sub(before);
        assert!(used <= WATCHED.mul_f64(share), "{start}: {used:?} in {WATCHED:?}");
    }
}

/// An access token that lives for seconds is renewed without a word.
#[tokio::test]
async fn an_access_token_that_expires_is_renewed_in_the_background() {
    let realm = OwnRealm::make(json!({ "accessTokenLifespan": 5 })).await;
    let parts = Parts::real().await;
    let daemon = Daemon::start_empty_with(&parts, &[("KEYCLOAK_REALM", realm.name())]).await;
    let terminal = Terminal::signed_in(&daemon, "member").await;
    let screen = Screen::open(&terminal, &[], &["--insecure-storage"]);
    screen.shows(&["Happening", "● live"]).await;
    let token = || std::fs::read(terminal.home.path().join("access.json")).unwrap_or_default();
    let first = token();
    let renewed = async || !token().is_empty() && token() != first;
    eventually("the access token is renewed", Duration::from_secs(40), renewed).await;
    let second = token();
    eventually("and once more", Duration::from_secs(40), async || {
        assert!(!screen.text().contains("Sign in"), "{}", screen.text());
        !token().is_empty() && token() != second
    })
    .await;
    screen.shows(&["Happening", "● live"]).await;
}

/// The accent of a theme, as terminals are told it.
const ACCENTS: [&str; 2] = ["138;180;248", "26;95;180"];

#[tokio::test]
async fn the_theme_follows_the_background_of_the_terminal() {
    for (background, at) in [("#1c1c1c", 0), ("#fdf6e3", 1)] {
        let setting = Setting { background: Some(background), ..Setting::default() };
        let (_parts, _daemon, screen) = at_the_list(setting, &[("COLORTERM", "truecolor")]).await;
        let painted = screen.painted();
        assert!(painted.contains(ACCENTS[at]), "{painted}");
        assert!(!painted.contains(ACCENTS[1 - at]), "{painted}");
        assert!(!painted.contains("rgb:"), "the answer is no input: {painted}");
    }
    let setting = Setting { background: Some("#fdf6e3"), ..Setting::default() };
    let wanted = [("COLORTERM", "truecolor"), ("HAPPENING_TUI_THEME", "dark")];
    let (_parts, _daemon, screen) = at_the_list(setting, &wanted).await;
    assert!(screen.painted().contains(ACCENTS[0]), "what is asked for counts");
    let (_parts, _daemon, screen) = at_the_list(setting, &[("NO_COLOR", "1")]).await;
    assert!(!screen.painted().contains("[38;"), "{}", screen.painted());
}

#[tokio::test]
async fn the_workplace_is_stopped_and_gone_on_with_as_shells_do() {
    let (_parts, _daemon, screen) = at_the_list(Setting { jobs: true, ..Setting::default() }, &[]).await;
    for _ in 0..2 {
        screen.press(&["C-z"]);
        screen.shows(&["stopped"]).await;
        for (variable, value) in [("alternate_on", "0"), ("cursor_flag", "1"), ("mouse_any_flag", "0")] {
            assert_eq!(screen.variable(variable), value, "{variable}");
        }
        screen.press(&["Enter"]);
        screen.shows(&["Harbour Lights", "120/120"]).await;
        assert_eq!(screen.variable("alternate_on"), "1");
        assert_eq!(screen.variable("mouse_any_flag"), "1");
    }
    screen.press(&["q"]);
    screen.shows(&["ended 0"]).await;
    screen.is_given_back().await;
}

#[tokio::test]
async fn a_window_that_is_torn_about_shows_what_it_has_place_for() {
    let (_parts, _daemon, screen) = at_the_list(Setting::default(), &[]).await;
    screen.resize(20, 5);
    screen.shows(&["Happening"]).await;
    screen.hides(&["Harbour Lights"]).await;
    screen.resize(300, 100);
    screen.shows(&["Harbour Lights", "120/120", "organizer"]).await;
    let sizes = (0..60_u16).map(|at| (10 + at * 37 % 290, 3 + at * 17 % 97));
    for (columns, rows) in sizes {
        screen.resize(columns, rows);
    }
    screen.resize(80, 24);
    screen.shows(&["Harbour Lights", "120/120"]).await;
    assert!(screen.text().lines().all(|line| line.chars().count() <= 80), "{}", screen.text());
    screen.press(&["q"]);
    screen.shows(&["ended 0"]).await;
    screen.is_given_back().await;
}

#[tokio::test]
async fn without_utf_8_there_are_signs_that_every_terminal_has() {
    let (_parts, _daemon, screen) = at_the_list(Setting::default(), &[("LC_ALL", "C")]).await;
    let text = screen.text();
    assert!(text.contains("* Happening") && text.contains("o live"), "{text}");
    assert!(!text.contains(['◆', '●', '│', '╭']), "{text}");
}

#[tokio::test]
async fn a_terminal_that_cannot_move_its_cursor_is_told_so_and_left_as_it_is() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let setting = Setting { name: Some("dumb"), ..Setting::default() };
    let screen = Screen::open_in(setting, &Terminal::at(&daemon), &[], &[]);
    screen.shows(&["error: this terminal cannot move its cursor (TERM=dumb)"]).await;
    screen.shows(&["ended 2"]).await;
    screen.is_given_back().await;
}

/// Whoever reads a frame may stop when they have seen enough, and whoever has no terminal is told what there is for them.
#[tokio::test]
async fn a_frame_is_printed_into_a_pipe_and_without_a_terminal_there_is_nothing_else() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let member = sign_in(&daemon, "member").await;
    let terminal = Terminal::at(&daemon);
    let start = |arguments: &[&str], stdout: std::process::Stdio| {
        let mut command = std::process::Command::new(crate::cli::binary("happening-tui"));
        command.env_clear().envs(terminal.environment()).env("HAPPENING_TOKEN", &member.token);
        command.args(arguments).stdin(std::process::Stdio::null()).stdout(stdout);
        command.stderr(std::process::Stdio::piped()).spawn().expect("it starts")
    };
    let whole = start(&["--snapshot"], std::process::Stdio::piped()).wait_with_output().expect("an end");
    assert!(whole.status.success(), "{whole:?}");
    let text = String::from_utf8(whole.stdout).expect("UTF-8");
    assert!(text.contains("Harbour Lights") && !text.contains('\u{1b}'), "{text}");

    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let cut = start(&["--snapshot"], writer.into()).wait_with_output().expect("an end");
    assert!(cut.status.success() && cut.stderr.is_empty(), "{cut:?}");

    let none = start(&[], std::process::Stdio::piped()).wait_with_output().expect("an end");
    assert_eq!(none.status.code(), Some(2), "{none:?}");
    let why = String::from_utf8_lossy(&none.stderr);
    assert!(why.starts_with("error: stdout is not a terminal") && why.contains("`happening`"), "{none:?}");
}
