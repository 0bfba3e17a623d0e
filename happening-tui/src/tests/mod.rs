//! Whole screens, and the ways there, with a clock that stands still and ids from seeds.

mod behaviour;
mod cost;
mod effects;
mod screens;
mod sizes;
mod words;

use crate::message::{Message, Snapshot};
use crate::model::{DeviceCode, EventSnapshot, Model, SignInStep};
use crate::theme::Theme;
use crate::trouble::{Trouble, TroubleKind};
use crate::update::{start, update};
use crate::view::view;
use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use happening_core::id::{BookingId, EventId, OrganizationId, UserId};
use happening_core::wire::{Category, Event, EventStatus, SeatMap, WaitingParty, WaitlistPolicy};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use uuid::Uuid;

/// Thursday, 26 November 2026, 12:00 UTC.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_694_400, 0).unwrap()
}

pub fn after(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

fn id(kind: u128, n: u32) -> Uuid {
    Uuid::from_u128((kind << 96) | u128::from(n))
}

pub fn organization(n: u32) -> OrganizationId {
    OrganizationId(id(1, n))
}

/// An event that begins `hours` from noon.
pub fn event(n: u32, name: &str, hours: i64, free: u32, total: u32, waiting: u32) -> Event {
    Event {
        id: EventId(id(2, n)),
        org_id: organization(n % 3),
        created_by: UserId(id(3, 1)),
        name: name.to_owned(),
        description: None,
        category: Some(Category::Concert),
        event_date: noon() + TimeDelta::hours(hours),
        total_slots: total,
        available_slots: free,
        status: EventStatus::Upcoming,
        created_at: noon() - TimeDelta::days(30),
        updated_at: noon() - TimeDelta::minutes(5),
        organizer_username: Some("organizer".to_owned()),
        organizer_first_name: None,
        organizer_last_name: None,
        organizer_email: None,
        waitlist_policy: WaitlistPolicy::Split,
        bypass_limit: 3,
        waitlist_limit: None,
        max_seats_per_booking: None,
        sales_paused: false,
        waiting,
        version: 42,
    }
}

pub fn events() -> Vec<Event> {
    let with = |event: Event, status| Event { status, ..event };
    vec![
        event(1, "Winter Gala", 26 * 24 + 7, 0, 250, 12),
        event(2, "Rust Meetup", 54, 38, 40, 0),
        with(event(3, "Jazz at the Harbour", -1, 4, 120, 0), EventStatus::Ongoing),
        event(4, "New Year's Concert with the Philharmonic Orchestra", 37 * 24, 18_204, 100_000, 3),
        with(event(5, "Autumn Hackathon", -40 * 24, 3, 60, 0), EventStatus::Completed),
        with(Event { category: None, ..event(6, "Open Air", 90, 500, 500, 0) }, EventStatus::Cancelled),
        event(7, "夜のコンサート 🎻", 200, 12, 80, 0),
        event(8, "Evil \u{202e}txet\u{1b}[2J\u{7}\nnext line", 300, 9, 10, 1),
    ]
}

/// A map in which every seat up to `taken` is booked and the next `held` are being picked.
pub fn seat_map(event: &Event, taken: u32, held: u32) -> SeatMap {
    SeatMap {
        total: event.total_slots,
        taken: (1..=taken).collect(),
        held: (taken + 1..=taken + held).collect(),
        event: Some(event.clone()),
    }
}

pub fn party(position: u32, username: Option<&str>, seats: u32) -> WaitingParty {
    WaitingParty {
        position,
        waiting_number: u64::from(position) + 6,
        booking_id: BookingId(id(4, position)),
        user_id: UserId(id(3, position + 100)),
        username: username.map(str::to_owned),
        seats,
        created_at: noon() - TimeDelta::minutes(i64::from(200 - position.min(199))),
    }
}

pub fn waitlist() -> Vec<WaitingParty> {
    vec![
        party(1, Some("ada.lovelace"), 4),
        party(2, Some("grace.hopper"), 1),
        party(3, None, 2),
        party(4, Some("someone.with.a.very.long.username.indeed"), 12),
        party(5, Some("e\u{202e}vil"), 1),
    ]
}

pub fn away() -> Trouble {
    Trouble::new(TroubleKind::Away, "cannot reach http://127.0.0.1:5000/: Connection refused")
}

pub fn code() -> DeviceCode {
    DeviceCode {
        code: "WDJBMJHT".to_owned(),
        address: "http://127.0.0.1:5000/device".to_owned(),
        address_with_code: Some("http://127.0.0.1:5000/device?user_code=WDJBMJHT".to_owned()),
        expires_at: after(585),
    }
}

/// A model before anything has happened.
pub fn fresh(width: u16, height: u16) -> Model {
    let mut model = Model::new(noon(), (width, height), &Theme::dark(), "http://127.0.0.1:5000".to_owned());
    start(&mut model);
    model
}

/// Signed in, nothing seen yet.
pub fn signed_in(width: u16, height: u16) -> Model {
    let mut model = fresh(width, height);
    signin(&mut model, SignInStep::SignedIn { who: "support".to_owned(), warning: None });
    model
}

pub fn signin(model: &mut Model, step: SignInStep) {
    let attempt = model.attempt;
    update(model, Message::SignIn { attempt, step });
}

pub fn see(model: &mut Model, snapshot: Snapshot) {
    let watch = model.watch;
    update(model, Message::Fresh { watch, snapshot });
}

pub fn miss(model: &mut Model, trouble: Trouble) {
    let watch = model.watch;
    update(model, Message::Stale { watch, trouble });
}

/// Signed in, with a list of events.
pub fn listing(width: u16, height: u16, events: Vec<Event>) -> Model {
    let mut model = signed_in(width, height);
    see(&mut model, Snapshot::Events(events));
    let names = ["Demo", "Harbour Halls", "Nørrebro Kulturforening"];
    let names = (0..).zip(names).map(|(n, name)| (organization(n), Some(name.to_owned()))).collect();
    update(&mut model, Message::Organizations(names));
    model
}

/// Signed in, with the event open and its seats seen.
pub fn opened(
    width: u16,
    height: u16,
    event: &Event,
    taken: u32,
    held: u32,
    waits: Vec<WaitingParty>,
) -> Model {
    let mut model = listing(width, height, vec![event.clone()]);
    press(&mut model, KeyCode::Enter);
    let snapshot = EventSnapshot::new(event.clone(), &seat_map(event, taken, held), Ok(waits));
    see(&mut model, Snapshot::Event(Box::new(snapshot)));
    model
}

pub fn press(model: &mut Model, code: KeyCode) -> Vec<crate::effect::Effect> {
    update(model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

pub fn write(model: &mut Model, text: &str) {
    for c in text.chars() {
        press(model, KeyCode::Char(c));
    }
}

pub fn draw(model: &Model, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(model, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The screen as text.
pub fn screen(model: &Model) -> String {
    let (width, height) = model.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(model, frame)).unwrap();
    terminal.backend().to_string()
}
