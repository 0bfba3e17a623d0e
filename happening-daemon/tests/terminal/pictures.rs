//! The pictures of the dashboard in the documents: `make pictures`.
//!
//! What is drawn is what the program wrote on a terminal, while people of the demo booked and cancelled around it. So a
//! picture never shows what the program does not. They are drawn when somebody asks, not by each run of the tests: rates
//! and times differ each time.
//!
//! To add one: what there is to be seen, a call of [`Studio::picture`], and the file's name in the document that shows it.

use crate::cli::Terminal;
use crate::screen::{Screen, Setting};
use crate::support::Daemon;
use crate::support::dice::Dice;
use crate::support::parts::Parts;
use crate::support::people::{Signed, bookers, demo_organization, event_of, sign_in};
use happening_core::clock::Clock;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{Booking, BookingStatus, Category, CreateBooking, CreateEvent, CreateHold};
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use styled_str::StyledString;
use term_transcript::svg::{Template, TemplateOptions};
use term_transcript::{Transcript, UserInput};
use tokio::time::sleep;

/// The address stands in the pictures.
const PORT: u16 = 5080;

/// Columns and rows: as large as can be read in a document.
const SIZE: (u16, u16) = (132, 38);

/// Enough to fill the charts.
const LOAD: Duration = Duration::from_secs(75);

/// What people see of a stream may be so late.
const SETTLED: Duration = Duration::from_millis(700);

/// The events around the ones that are shown: name, kind and seats, and in how many days they begin.
const PROGRAMME: [(&str, Category, u32, i64); 6] = [
    ("Open Air Cinema", Category::Concert, 180, 12),
    ("Jazz on the Pier", Category::Concert, 90, 16),
    ("Compilers Explained", Category::Webinar, 24, 19),
    ("Poetry Slam", Category::Concert, 60, 23),
    ("Sourdough Online", Category::Webinar, 16, 40),
    ("Midnight Hackathon", Category::Hackathon, 48, 47),
];

/// A daemon with a programme, those who book there, and whoever looks on.
struct Studio {
    parts: Parts,
    people: Vec<Signed>,
    screen: Screen,
    gala: EventId,
    _daemon: Daemon,
}

#[tokio::test]
#[ignore = "make pictures"]
async fn pictures() {
    let studio = Studio::open().await;
    studio.the_cockpit().await;
    studio.the_seat_map().await;
    studio.the_dialog_before_a_cancellation().await;
    studio.the_drift_of_counters().await;
}

impl Studio {
    async fn open() -> Self {
        let parts = Parts::embedded();
        let daemon = Daemon::start_on(&parts, PORT, &[]).await;
        let people = bookers(std::slice::from_ref(&daemon)).await.remove(0);
        let operator = sign_in(&daemon, "operator").await;
        let variables = [
            ("HAPPENING_TOKEN", operator.token.as_str()),
            ("HAPPENING_TUI_THEME", "dark"),
            ("COLORTERM", "truecolor"),
        ];
        let gala = publish(&people[1], "Winter Gala", Category::Concert, 240, 26).await;
        let setting = Setting { size: SIZE, ..Setting::default() };
        let screen = Screen::open_in(setting, &Terminal::at(&daemon), &variables, &["--screen", "overview"]);
        screen.shows(&["Happening", "● live"]).await;
        Self { parts, people, screen, gala, _daemon: daemon }
    }

    /// The overview, while five people book and cancel at eight events.
    async fn the_cockpit(&self) {
        let mut events = Vec::new();
        for (name, category, seats, days) in PROGRAMME {
            events.push(publish(&self.people[1], name, category, seats, days).await);
        }
        let booking =
            self.people.iter().zip(1..).map(|(person, seed)| book_and_cancel(person, &events, seed));
        tokio::select! {
            _ = futures::future::join_all(booking) => {},
            () = async { sleep(LOAD).await; self.picture("cockpit").await; } => {},
        }
    }

    /// An event with seats of every kind, and two parties that wait for more than there are.
    async fn the_seat_map(&self) {
        let [member, organizer, admin, support, ..] = &self.people[..] else { panic!("five people") };
        let free = self.fill_the_gala().await;
        let wanted = u32::try_from(free.len()).expect("few") + 3;
        for (person, seats) in [(admin, wanted), (support, wanted + 1)] {
            let booking = book(person, self.gala, seats).await.expect("one that waits");
            assert_eq!(booking.status, BookingStatus::Waiting);
        }
        let hold = CreateHold { seats: Some(free[4..7].to_vec()), ..CreateHold::default() };
        member.client.create_hold(self.gala, &hold).await.expect("a hold");

        self.screen.press(&["3", "/"]);
        self.screen.write("Winter Gala");
        self.screen.press(&["Enter", "Enter"]);
        self.screen.shows(&["240 free", "2 waiting"]).await;
        for seat in &free[7..9] {
            self.go_to(*seat).await;
            self.screen.press(&["Space"]);
        }
        self.go_to(23).await;
        let named = Some(free[2..4].to_vec());
        let named = CreateBooking { seat_numbers: named, ..CreateBooking::any(self.gala, 2) };
        organizer.client.create_booking(&named).await.expect("a booking");
        self.picture("seat-map").await;
        self.screen.press(&["Escape"]);
    }

    /// Books all of it, and cancels until ten seats or more are free: these.
    async fn fill_the_gala(&self) -> Vec<u32> {
        let mut dice = Dice::new(26);
        let (mut left, mut seats, mut at) = (240, 6, 0);
        let mut bookings = Vec::new();
        while left > 0 {
            let person = &self.people[at % self.people.len()];
            bookings.push((person, book(person, self.gala, seats).await.expect("a booking")));
            left -= seats;
            (seats, at) = (dice.roll(1..=5).min(left), at + 1);
        }
        let mut free = Vec::new();
        while free.len() < 10 {
            let last = u32::try_from(bookings.len()).expect("few") - 1;
            let (person, booking) = bookings.swap_remove(dice.roll(5..=last) as usize);
            person.client.cancel_booking(booking.id).await.expect("cancelled");
            free.extend(booking.assigned_seats.unwrap_or_default());
        }
        free.sort_unstable();
        free
    }

    async fn go_to(&self, seat: u32) {
        self.screen.press(&["J"]);
        self.screen.shows(&["Go to a seat"]).await;
        self.screen.write(&seat.to_string());
        self.screen.press(&["Enter"]);
        self.screen.shows(&[&format!("Seat {seat} ")]).await;
    }

    /// The oldest booking, of six seats: those who wait are served by it.
    async fn the_dialog_before_a_cancellation(&self) {
        self.screen.press(&["Tab", "Tab", "G", "c"]);
        self.screen.shows(&["This will happen"]).await;
        self.screen.shows(&["is promoted"]).await;
        self.picture("cancel").await;
        self.screen.press(&["Escape"]);
        self.screen.hides(&["This will happen"]).await;
    }

    /// Seats that somebody has changed in the database by hand.
    async fn the_drift_of_counters(&self) {
        let bookings = self.people[0].client.bookings_of(self.people[0].user.expect("a person")).await;
        let bookings = bookings.expect("bookings");
        let theirs = |one: &&happening_core::wire::BookingWithEvent| {
            one.event_id == self.gala && one.status == BookingStatus::Confirmed && one.seats > 1
        };
        let id = bookings.iter().find(theirs).expect("one that was kept").booking_id.0;
        let seats = "UPDATE booking_seats SET status = 'cancelled' WHERE booking_id = {id}";
        self.parts.by_hand(seats, id).await;
        self.screen.press(&["8"]);
        self.screen.shows_within(&["! available slots"], Duration::from_secs(40)).await;
        sleep(SETTLED).await;
        self.picture("drift").await;
    }

    /// Draws what is on the screen.
    async fn picture(&self, name: &str) {
        sleep(SETTLED).await;
        let painted = self.screen.painted();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(name).with_extension("svg"), drawn(&painted)).expect("a picture");
    }
}

/// Books and cancels at these events, now more and now less, until it is dropped. Some only pick seats, and some want one that is
/// taken.
async fn book_and_cancel(person: &Signed, events: &[EventId], seed: u64) {
    let mut dice = Dice::new(seed);
    let mut mine: Vec<BookingId> = Vec::new();
    for turn in 0_u32.. {
        if mine.len() > 20 && dice.roll(1..=10) > 4 {
            let at = dice.roll(0..=u32::try_from(mine.len()).expect("few") - 1);
            let _ = person.client.cancel_booking(mine.swap_remove(at as usize)).await;
        } else {
            let at = dice.roll(0..=u32::try_from(events.len()).expect("few") - 1) as usize;
            mine.extend(book(person, events[at], dice.roll(1..=5)).await.map(|booking| booking.id));
            if dice.once_in(6) {
                let picking = CreateHold { count: Some(2), ..CreateHold::default() };
                let _ = person.client.create_hold(events[at], &picking).await;
            }
            if dice.once_in(8) {
                let taken =
                    CreateBooking { seat_numbers: Some(vec![1]), ..CreateBooking::any(events[at], 1) };
                let _ = person.client.create_booking(&taken).await;
            }
        }
        // Two waves a minute.
        let wave = (f64::from(turn % 200) / 200.0 * std::f64::consts::TAU).sin();
        sleep(Duration::from_secs_f64(0.07 + 0.05 * wave)).await;
    }
}

/// Books any seats, if the rules permit it.
async fn book(person: &Signed, event: EventId, seats: u32) -> Option<Booking> {
    let create = CreateBooking { user_id: person.user, ..CreateBooking::any(event, seats) };
    person.client.create_booking(&create).await.ok()
}

async fn publish(organizer: &Signed, name: &str, category: Category, seats: u32, days: i64) -> EventId {
    let day = Clock::system().now() + chrono::TimeDelta::days(days);
    let create = CreateEvent {
        category: Some(category),
        event_date: format!("{}T19:00", day.format("%Y-%m-%d")),
        ..event_of(demo_organization(organizer).await, name.to_owned(), seats)
    };
    organizer.client.create_event(&create).await.expect("an event").id
}

/// What a terminal shows, as SVG.
///
/// Rows and columns are those of the usual fonts, so that frames close. In another font each run of text is still as wide as
/// its columns.
fn drawn(painted: &str) -> Vec<u8> {
    let mut options = json!(TemplateOptions::default());
    options["width"] = json!(u32::from(SIZE.0) * 59 / 7 + 20);
    options["advance_width"] = json!(0.602);
    options["line_height"] = json!(8.0 / 7.0);
    options["wrap"] = json!(null);
    options["font_family"] = json!("Menlo, 'DejaVu Sans Mono', 'Liberation Mono', Consolas, monospace");
    // The template would cut what hangs below a line.
    options["additional_styles"] = json!(".output > g { clip-path: none; }");
    options["palette"]["colors"]["black"] = json!("#141820");
    options["palette"]["colors"]["white"] = json!("#d5dae3");
    let options: TemplateOptions = serde_json::from_value(options).expect("options");

    let mut transcript = Transcript::new();
    let painted = StyledString::from_ansi(painted.trim_end()).expect("what a terminal understands");
    transcript.add_interaction(UserInput::command("happening-tui").hide(), painted);
    let mut svg = Vec::new();
    let template = Template::pure_svg(options.validated().expect("options"));
    template.render(&transcript, &mut svg).expect("a picture");
    svg
}
