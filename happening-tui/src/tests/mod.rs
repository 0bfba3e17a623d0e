//! Whole screens, and the ways there, with a clock that stands still and ids from seeds.

mod actions;
mod behaviour;
mod bench;
mod changes;
mod cost;
mod data;
mod effects;
mod hostile;
mod jobs;
mod live;
mod manual;
mod names;
mod places;
mod rest;
mod screens;
mod sizes;
mod states;
mod words;

use crate::effect::Effect;
use crate::feed::{Answer, Query};
use crate::message::Message;
use crate::model::{DeviceCode, Model, Options, Screen, SignInStep, Who};
use crate::theme::{Background, Look, Theme, Wanted};
use crate::trouble::{Trouble, TroubleKind};
use crate::update::{start, update};
use crate::view::view;
use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use data::*;
use happening_core::wire::{Event, EventBooking, SeatMap, WaitingParty};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// Thursday, 26 November 2026, 12:00 UTC.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_694_400, 0).unwrap()
}

pub fn after(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

pub fn away() -> Trouble {
    Trouble::new(TroubleKind::Away, "cannot reach http://127.0.0.1:5000/: Connection refused")
}

pub fn refused(what: &str) -> Trouble {
    Trouble { request_id: Some("0198c1f2".into()), ..Trouble::new(TroubleKind::Refused, what) }
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
    with_options(width, height, Options::default())
}

pub fn with_options(width: u16, height: u16, options: Options) -> Model {
    let server = "http://127.0.0.1:5000".to_owned();
    let mut model = Model::new(noon(), (width, height), &Theme::dark(), server, options);
    start(&mut model);
    model
}

/// An operator is signed in, nothing seen yet.
pub fn signed_in(width: u16, height: u16) -> Model {
    let mut model = fresh(width, height);
    enter(&mut model, operator());
    model
}

pub fn enter(model: &mut Model, who: Who) -> Vec<Effect> {
    signin(model, SignInStep::SignedIn { who: Box::new(who), warning: None })
}

pub fn signin(model: &mut Model, step: SignInStep) -> Vec<Effect> {
    let attempt = model.attempt;
    update(model, Message::SignIn { attempt, step })
}

pub fn answer(model: &mut Model, query: Query, answer: Answer) -> Vec<Effect> {
    let attempt = model.attempt;
    update(model, Message::Answered { attempt, query, answer: Ok(answer) })
}

pub fn fail(model: &mut Model, query: Query, trouble: Trouble) -> Vec<Effect> {
    let attempt = model.attempt;
    update(model, Message::Answered { attempt, query, answer: Err(trouble) })
}

/// The list of events could not be had.
pub fn miss(model: &mut Model, trouble: Trouble) -> Vec<Effect> {
    fail(model, Query::Events, trouble)
}

pub fn tick(model: &mut Model, seconds: i64) -> Vec<Effect> {
    update(model, Message::Tick(after(seconds)))
}

/// Signed in, with a list of events.
pub fn listing(width: u16, height: u16, events: Vec<Event>) -> Model {
    let mut model = signed_in(width, height);
    list(&mut model, events);
    model
}

pub fn list(model: &mut Model, events: Vec<Event>) {
    answer(model, Query::Organizations, Answer::Organizations(organizations()));
    answer(model, Query::Events, Answer::Events(events));
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
    let map = seat_map(event, taken, held);
    see(&mut model, event, map, waits, bookings(event, taken));
    model
}

pub fn see(
    model: &mut Model,
    event: &Event,
    map: SeatMap,
    waits: Vec<WaitingParty>,
    bookings: Vec<EventBooking>,
) {
    answer(model, Query::Seats(event.id), Answer::Seats(Box::new(event.clone()), Box::new(map)));
    answer(model, Query::Line(event.id), Answer::Line(waits));
    answer(model, Query::BookingsAt(event.id), Answer::BookingsAt(bookings, false));
}

/// On a screen, with everything seen that it shows.
pub fn on(width: u16, height: u16, screen: Screen) -> Model {
    let mut model = listing(width, height, events());
    press(&mut model, KeyCode::Char(screen.key()));
    full(&mut model);
    model
}

pub fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    update(model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

pub fn press_ctrl(model: &mut Model, c: char) -> Vec<Effect> {
    update(model, Message::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)))
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
