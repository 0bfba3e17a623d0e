//! A day of support in the TUI, from the sign-in to the last key, with keys alone; what other people do meanwhile comes from
//! other processes.

use crate::cli::Terminal;
use crate::screen::{Screen, Setting};
use crate::support::browser::{Decision, decide};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, sign_in};
use crate::support::{Daemon, eventually, refused};
use happening_core::id::EventId;
use happening_core::wire::{BookingStatus, CreateBooking, ErrorCode};
use std::time::Duration;

on_both_parts!(a_day_of_support);

const PATIENCE: Duration = Duration::from_secs(30);

/// What is shown where the daemon has tried a change.
const TRIED: &str = "This will happen";

/// A webhook that never answers: notifications are given up and parked.
const SETTINGS: &[(&str, &str)] =
    &[("WEBHOOK_URL", "http://127.0.0.1:1"), ("WEBHOOK_ALLOW_PRIVATE", "true"), ("NOTIFICATION_TRIES", "1")];

/// The line of the form that has the keys.
fn field(text: &str) -> Option<&str> {
    text.lines().find(|line| line.contains("┃ ▌ "))
}

/// Goes from field to field of a form until it is taken.
async fn take_form(screen: &Screen) {
    loop {
        let before = screen.text();
        let here = field(&before);
        if here.is_none() {
            return;
        }
        screen.press(&["Enter"]);
        eventually("the next field", PATIENCE, async || field(&screen.text()) != here).await;
    }
}

/// Goes on to the next field, and fills it in.
async fn fill_next(screen: &Screen, label: &str, text: &str) {
    screen.press(&["Enter"]);
    screen.shows(&["┃ ▌ ", label]).await;
    screen.write(text);
    screen.shows(&["┃ ▌ ", label, text]).await;
}

/// Names a person in a field.
async fn name_person(screen: &Screen, label: &str, name: &str) {
    screen.shows(&["┃ ▌ ", label]).await;
    screen.write(name);
    screen.shows(&[name, &format!("{name}@")]).await;
}

/// The daemon says what would happen, and it is wanted.
async fn agree(screen: &Screen, words: &[&str]) {
    screen.shows(&[TRIED]).await;
    screen.shows(words).await;
    screen.press(&["Tab", "Enter"]);
    is_done(screen).await;
}

/// Keys go to the dialog until all of it is done.
async fn is_done(screen: &Screen) {
    screen.hides(&[TRIED]).await;
    screen.hides(&["Being done"]).await;
}

/// Whoever is at the terminal, and the others.
struct Day {
    parts: Parts,
    screen: Screen,
    operator: Signed,
    organizer: Signed,
    member: Signed,
    gala: EventId,
}

async fn a_day_of_support(parts: Parts) {
    let daemon = Daemon::start_on(&parts, 0, SETTINGS).await;
    let terminal = Terminal::at(&daemon);
    let setting = Setting { size: (160, 48), ..Setting::default() };
    let screen = Screen::open_in(setting, &terminal, &[], &["--insecure-storage"]);
    sign_in_there(&screen).await;
    let [operator, organizer, member] = [
        sign_in(&daemon, "operator").await,
        sign_in(&daemon, "organizer").await,
        sign_in(&daemon, "member").await,
    ];
    publish(&screen).await;
    let events = operator.client.events(None, None).await.expect("events");
    let gala = events.iter().find(|event| event.name == "Support Gala").expect("it is published").id;
    let day = Day { parts, screen, operator, organizer, member, gala };
    day.seats_are_booked_for_people().await;
    day.a_promotion_comes_from_elsewhere().await;
    day.a_booking_is_moved_and_cancelled().await;
    day.there_are_more_seats_and_sales_pause().await;
    day.drift_is_seen_and_healed().await;
    day.what_is_parked_is_published_again().await;

    day.screen.press(&["9"]);
    day.screen.shows(&["operator", "event.created", "Support Gala"]).await;
    day.the_log_has_the_commands_that_do_the_same().await;
    day.screen.press(&["q"]);
    day.screen.shows(&["ended 0"]).await;
    day.screen.is_given_back().await;
}

async fn sign_in_there(screen: &Screen) {
    screen.shows(&["user_code="]).await;
    let text = screen.text();
    let address = text.split_whitespace().find(|word| word.contains("user_code=")).expect("an address");
    decide(address, "operator", Decision::Approve).await;
    screen.shows_within(&["Happening", "operator", "● live"], PATIENCE).await;
    screen.shows(&["Harbour Lights", "120/120"]).await;
}

async fn publish(screen: &Screen) {
    screen.press(&["n"]);
    screen.shows(&["┃ ▌ ", "organization", "Demo"]).await;
    fill_next(screen, "name", "Support Gala").await;
    fill_next(screen, "date", "2099-12-01T19:00").await;
    fill_next(screen, "seats", "4").await;
    take_form(screen).await;
    agree(screen, &["Publish “Support Gala”", "4 seats"]).await;
    screen.shows(&["Support Gala", "4/4"]).await;
    screen.press(&["/"]);
    screen.write("Support Gala");
    screen.shows(&["1 of "]).await;
    screen.press(&["Enter", "Enter"]);
    screen.shows(&["○ 4 free", "0 taken"]).await;
}

impl Day {
    async fn seats_are_booked_for_people(&self) {
        let screen = &self.screen;
        screen.press(&["J"]);
        screen.shows(&["Go to a seat"]).await;
        screen.write("2");
        screen.press(&["Enter"]);
        screen.hides(&["Go to a seat"]).await;
        screen.press(&["Space", "l", "Space", "b"]);
        screen.shows(&["seats", "2, 3"]).await;
        name_person(screen, "person", "member").await;
        take_form(screen).await;
        agree(screen, &["member would get seats 2, 3"]).await;
        screen.shows(&["2 of 4 free"]).await;

        screen.press(&["b"]);
        name_person(screen, "person", "organizer").await;
        screen.press(&["Enter", "Enter"]);
        screen.shows(&["┃ ▌ ", "how many"]).await;
        screen.press(&["BSpace", "3"]);
        screen.shows(&["┃ ▌ ", "how many", "3"]).await;
        take_form(screen).await;
        agree(screen, &["organizer would wait for 3 seats"]).await;
        screen.shows(&["2 of 4 free", "1 waiting"]).await;
    }

    async fn a_promotion_comes_from_elsewhere(&self) {
        let mine =
            self.member.client.bookings_of(self.member.user.expect("a person")).await.expect("bookings");
        let two = mine.iter().find(|booking| booking.event_id == self.gala).expect("booked by support");
        self.member.client.cancel_booking(two.booking_id).await.expect("cancelled");
        self.screen.shows(&["Promoted from the waitlist"]).await;
        self.screen.shows(&["1 of 4 free", "0 waiting"]).await;
    }

    /// Goes to the pane of the bookings, and there to the one that stands.
    async fn go_to_the_booking(&self, seats: &str) {
        let screen = &self.screen;
        while !screen.text().contains("› Bookings") {
            let before = screen.text();
            screen.press(&["Tab"]);
            eventually("the next pane", PATIENCE, async || screen.text() != before).await;
        }
        screen.shows(&["organizer", "confirmed", seats]).await;
        screen.press(&["/"]);
        screen.write("confirmed");
        screen.shows(&["1 of "]).await;
        screen.press(&["Enter"]);
        screen.shows(&["▌", "organizer", "confirmed", seats]).await;
    }

    async fn a_booking_is_moved_and_cancelled(&self) {
        let screen = &self.screen;
        self.go_to_the_booking("1-3").await;
        screen.press(&["m"]);
        screen.shows(&["┃ ▌ ", "to seats"]).await;
        screen.write("2-4");
        screen.shows(&["┃ ▌ ", "to seats", "2-4"]).await;
        take_form(screen).await;
        agree(screen, &["organizer moves from seats 1-3 to seats 2-4"]).await;
        screen.shows(&["organizer", "confirmed", "2-4"]).await;
        screen.press(&["U"]);
        agree(screen, &["organizer moves from seats 2-4 to seats 1-3"]).await;
        screen.shows(&["organizer", "confirmed", "1-3"]).await;

        // The dialog rests on Cancel: whoever presses enter without reading has done nothing.
        screen.press(&["c"]);
        screen.shows(&[TRIED]).await;
        screen.shows(&["organizer loses seats 1-3"]).await;
        screen.press(&["Enter"]);
        screen.hides(&[TRIED]).await;
        let seats = self.operator.client.seats(self.gala).await.expect("seats");
        assert_eq!(seats.taken, [1, 2, 3]);
        screen.press(&["c"]);
        agree(screen, &["organizer loses seats 1-3"]).await;
        screen.shows(&["4 of 4 free"]).await;
        // Together with the next key it would be another.
        screen.press(&["Escape"]);
        screen.shows(&["organizer", "cancelled"]).await;
    }

    async fn there_are_more_seats_and_sales_pause(&self) {
        let screen = &self.screen;
        screen.press(&["+"]);
        screen.shows(&["┃ ▌ ", "seats"]).await;
        screen.press(&["BSpace", "6"]);
        screen.shows(&["┃ ▌ ", "seats", "6"]).await;
        take_form(screen).await;
        agree(screen, &["Support Gala"]).await;
        screen.shows(&["6 of 6 free"]).await;

        screen.press(&["p"]);
        agree(screen, &["Support Gala"]).await;
        screen.shows(&["paused"]).await;
        let member = CreateBooking { user_id: self.member.user, ..CreateBooking::any(self.gala, 1) };
        refused(self.member.client.create_booking(&member).await, ErrorCode::SalesPaused);
        screen.press(&["p"]);
        agree(screen, &["Support Gala"]).await;
        screen.hides(&["paused"]).await;
        assert_eq!(book(&self.member, self.gala, 4).await.status, BookingStatus::Confirmed);
        screen.shows(&["2 of 6 free"]).await;
    }

    async fn drift_is_seen_and_healed(&self) {
        let screen = &self.screen;
        let waiting = book(&self.organizer, self.gala, 3).await;
        assert_eq!(waiting.status, BookingStatus::Waiting);
        let mine =
            self.member.client.bookings_of(self.member.user.expect("a person")).await.expect("bookings");
        let four =
            mine.iter().find(|one| one.event_id == self.gala && one.status == BookingStatus::Confirmed);
        let four = four.expect("just booked").booking_id.0;
        let seats = "UPDATE booking_seats SET status = 'cancelled' WHERE booking_id = {id} AND seat_no > 3";
        self.parts.by_hand(seats, four).await;
        self.parts.by_hand("UPDATE bookings SET seats = 3 WHERE id = {id}", four).await;
        screen.press(&["8"]);
        screen.shows_within(&["Support Gala", "available slots 2 ≠ 3"], PATIENCE).await;
        screen.press(&["g", "H"]);
        agree(screen, &["Support Gala"]).await;
        screen.shows(&["Support Gala", "agree"]).await;
        let served = self.operator.client.booking(waiting.id).await.expect("a booking");
        assert_eq!(served.status, BookingStatus::Confirmed, "what was found free is offered by itself");
        if self.parts.stack().is_some() {
            self.redis_is_seen_to_differ().await;
        }
    }

    /// The daemon heals Redis by itself within seconds, so the lie is told again until it is seen.
    async fn redis_is_seen_to_differ(&self) {
        let slots = format!("event:{}:slots", self.gala);
        let lie = async {
            loop {
                self.parts.on_redis(&["SET", &slots, "51"]).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            () = lie => {},
            () = self.screen.shows_within(&["free", "51", "≠"], PATIENCE) => {},
        }
        self.screen.press(&["H"]);
        agree(&self.screen, &["Support Gala"]).await;
        self.screen.hides(&["51", "≠"]).await;
    }

    async fn what_is_parked_is_published_again(&self) {
        let screen = &self.screen;
        screen.press(&["7"]);
        screen.shows_within(&["▌", "webhook", "Support Gala"], PATIENCE).await;
        let parked = async || {
            let parked = self.operator.client.parked(&happening_core::wire::ParkedQuery::default()).await;
            parked.expect("what is parked").iter().map(|one| one.id).collect::<Vec<_>>()
        };
        let before = parked().await;
        screen.press(&["A", "a"]);
        screen.shows(&[TRIED]).await;
        screen.press(&["Tab", "Enter"]);
        is_done(screen).await;
        // Tried anew it fails anew, and is parked under another id.
        let again = async || parked().await.iter().any(|id| !before.contains(id));
        eventually("it was tried again", PATIENCE, again).await;
    }

    async fn the_log_has_the_commands_that_do_the_same(&self) {
        let screen = &self.screen;
        screen.press(&["0", "/"]);
        screen.write("POST .*/move");
        screen.shows(&["POST", "/move", "200"]).await;
        screen.press(&["Enter"]);
        screen.shows(&["happening booking move"]).await;
        // The daemon writes the same id into its own log.
        screen.shows(&["│ request "]).await;
        screen.press(&["Escape"]);
    }
}
