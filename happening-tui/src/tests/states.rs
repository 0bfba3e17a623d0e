//! Every screen in every state: one file a screen, so that each can be read from top to bottom. The frames in sixteen colours
//! are followed by a letter for the style of each cell, and by what the letters mean.

use super::*;
use crate::model::Call;
use happening_core::id::EventId;
use insta::assert_snapshot;
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Loading,
    Empty,
    Full,
    Failing,
    Stale,
    NoRights,
}

const STATES: [State; 6] =
    [State::Loading, State::Empty, State::Full, State::Failing, State::Stale, State::NoRights];

/// The screen, asked for on the command line, before anything is answered.
fn begun(width: u16, height: u16, shown: Screen, who: Who) -> Model {
    let event = (shown == Screen::Event).then(|| EventId(id(2, 2)));
    let mut model = with_options(width, height, Options { start: Some(shown), event, ..Options::default() });
    enter(&mut model, who);
    tick(&mut model, 0);
    model
}

fn in_state(width: u16, height: u16, shown: Screen, state: State) -> Model {
    let who = if state == State::NoRights { member() } else { operator() };
    let mut model = begun(width, height, shown, who);
    match state {
        State::Loading => {}
        State::Empty => empty(&mut model),
        State::Full => seen(&mut model),
        State::Failing => fail_all(&mut model, &refused("unexpected 200 answer: missing field `id`"), 3),
        State::Stale => {
            seen(&mut model);
            for watch in [crate::message::EVERYTHING, model.watch] {
                update(&mut model, Message::Heard { watch, heard: Err(away()) });
            }
            fail_all(&mut model, &away(), 150);
        }
        State::NoRights => allowed(&mut model),
    }
    model
}

fn seen(model: &mut Model) {
    list(model, events());
    measure(model, 400);
    for (at, call) in calls().into_iter().enumerate() {
        update(model, Message::Called(Box::new(Call { at: after(i64::try_from(at).unwrap()), ..call })));
    }
    full(model);
}

fn calls() -> [Call; 3] {
    let call = |method: &str, path: &str, status, command: &str| Call {
        at: noon(),
        method: method.to_owned(),
        path: path.to_owned(),
        status,
        took: Duration::from_millis(12),
        request_id: Some("0198c1f2".to_owned()),
        command: command.to_owned(),
        body: None,
    };
    [
        call("GET", "/events", Some(200), "happening event list"),
        call("POST", "/bookings", Some(409), "happening booking create ID --seats 2"),
        call("GET", "/admin/queue", None, "happening queue status"),
    ]
}

fn fail_all(model: &mut Model, trouble: &Trouble, seconds: i64) {
    for (query, _) in crate::update::feeds::wanted(model) {
        fail(model, query, trouble.clone());
    }
    tick(model, seconds);
}

/// A daemon that nobody has used yet.
fn empty(model: &mut Model) {
    for _ in 0..3 {
        for (query, _) in crate::update::feeds::wanted(model) {
            let nothing = nothing(&query);
            answer(model, query, nothing);
        }
        tick(model, 0);
    }
}

/// What a member may not see is refused.
fn allowed(model: &mut Model) {
    for _ in 0..3 {
        for (query, _) in crate::update::feeds::wanted(model) {
            match &query {
                Query::Line(_)
                | Query::BookingsAt(_)
                | Query::Invites(_)
                | Query::ServiceAccounts(_)
                | Query::People(_) => {
                    fail(model, query, refused("You may not do this"));
                }
                _ => {
                    let said = said(&query);
                    answer(model, query, said);
                }
            }
        }
        tick(model, 0);
    }
}

const SIZES: [(u16, u16); 3] = [(160, 48), (80, 24), (60, 15)];

#[test]
fn every_screen_in_every_state() {
    for shown in Screen::ALL {
        let mut told = String::new();
        for (width, height) in SIZES {
            for state in STATES {
                let model = in_state(width, height, shown, state);
                let frame = crate::snapshot::text(&draw(&model, width, height));
                write!(told, "── {state:?}, {width}×{height}\n{frame}").unwrap();
            }
        }
        assert_snapshot!(shown.name(), told);
    }
}

#[test]
fn every_screen_in_sixteen_colours() {
    for shown in Screen::ALL {
        let (mut told, mut legend) = (String::new(), Vec::new());
        for state in [State::Full, State::Failing] {
            let mut model = in_state(80, 24, shown, state);
            model.theme = Theme::sixteen(Background::Dark);
            let buffer = draw(&model, 80, 24);
            let (frame, styles) = (crate::snapshot::text(&buffer), styles(&buffer, &mut legend));
            write!(told, "── {state:?}\n{frame}{styles}").unwrap();
        }
        for (at, style) in legend.iter().enumerate() {
            writeln!(told, "{} {style}", letter(at)).unwrap();
        }
        assert_snapshot!(format!("{}_in_sixteen_colours", shown.name()), told);
    }
}

fn letter(at: usize) -> char {
    char::from(b'a' + u8::try_from(at).unwrap())
}

/// A letter for the style of each cell; none where it is the terminal's own.
fn styles(buffer: &Buffer, legend: &mut Vec<String>) -> String {
    let mut told = String::new();
    for row in buffer.content().chunks(usize::from(buffer.area.width)) {
        let line: String = row.iter().map(|cell| style(cell, legend)).collect();
        writeln!(told, "{}", line.trim_end()).unwrap();
    }
    told
}

fn style(cell: &ratatui::buffer::Cell, legend: &mut Vec<String>) -> char {
    if (cell.fg, cell.bg, cell.modifier) == (Color::Reset, Color::Reset, Modifier::empty()) {
        return ' ';
    }
    let background = if cell.bg == Color::Reset { String::new() } else { format!(" on {}", cell.bg) };
    let modifier = if cell.modifier.is_empty() { String::new() } else { format!(" {:?}", cell.modifier) };
    let style = format!("{}{background}{modifier}", cell.fg);
    let at = legend.iter().position(|known| *known == style).unwrap_or_else(|| {
        legend.push(style);
        legend.len() - 1
    });
    letter(at)
}
