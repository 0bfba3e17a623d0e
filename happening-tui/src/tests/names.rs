//! Whatever people call themselves and their events, at whatever size: every layout stays whole.

use super::*;
use crate::layout::{self, Shape};
use crate::text;
use happening_core::wire::*;
use proptest::prelude::*;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// What names are made of: the harmless, and what moves cursors, turns lines around or has no width of its own.
const PIECES: &[&str] = &[
    "Ada",
    " ",
    "Nørrebro",
    "a-very-long-word-without-any-place-to-break-it",
    "\u{1b}[2J",
    "\u{1b}]52;c;aGk=\u{7}",
    "\u{9b}31m",
    "\r\n",
    "\t",
    "\u{0}",
    "\u{202e}",
    "\u{2066}",
    "\u{2069}",
    "\u{200b}",
    "\u{200d}",
    "\u{fe0f}",
    "\u{301}",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}",
    "夜のコンサート",
    "ﷺ",
    "سلام",
    "👩‍🚀",
    "👍🏽",
    "🇩🇰",
    "❤\u{fe0f}",
    "각",
    "\u{1100}\u{1161}",
    "ก็็็",
    "\u{e000}",
    "\u{10ffff}",
    "|",
    "│",
];

fn name() -> impl Strategy<Value = String> {
    let pieces =
        prop::collection::vec(prop::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => pieces, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn names_keep_every_layout_whole(
        names in prop::collection::vec(name(), 4),
        width in 20_u16..=300,
        height in 5_u16..=100,
        overlay in prop::sample::select(&["", "?", ":", "n", "e", "b", "c", "+", "/é", "E"][..]),
        at in 0_usize..4,
    ) {
        for shown in Screen::ALL {
            let mut model = named(width, height, shown, &names);
            for _ in 0..at {
                press(&mut model, KeyCode::Tab);
            }
            write(&mut model, overlay);
            whole(&model, &draw(&model, width, height))?;
        }
    }

    #[test]
    fn what_goes_wrong_is_told_within_its_lines(names in prop::collection::vec(name(), 3), width in 20_u16..=300) {
        let mut model = named(width, 24, Screen::Events, &names);
        for name in &names {
            miss(&mut model, refused(name));
        }
        model.overlay = None;
        whole(&model, &draw(&model, width, 24))?;
        let mut model = fresh(width, 24);
        signin(&mut model, SignInStep::Failed(Trouble::new(TroubleKind::Refused, names[0].clone())));
        whole(&model, &draw(&model, width, 24))?;
    }
}

/// Everything on the screen is called by these names.
fn named(width: u16, height: u16, shown: Screen, names: &[String]) -> Model {
    let mut model = signed_in(width, height);
    for _ in 0..2 {
        answer(&mut model, Query::Events, renamed(said(&Query::Events), names));
        press(&mut model, KeyCode::Char(shown.key()));
        for _ in 0..2 {
            for (query, _) in crate::update::feeds::wanted(&model) {
                let said = renamed(said(&query), names);
                answer(&mut model, query, said);
            }
            tick(&mut model, 0);
        }
    }
    model
}

fn renamed(answer: Answer, names: &[String]) -> Answer {
    let one = |at: usize| names[at % names.len()].clone();
    let some = |at: usize| Some(one(at));
    match answer {
        Answer::Events(events) => {
            let renamed = events.into_iter().zip(0..).map(|(event, at)| Event {
                name: one(at),
                organizer_username: some(at + 1),
                description: some(at + 2),
                ..event
            });
            Answer::Events(renamed.collect())
        }
        Answer::Organizations(all) => {
            let renamed = all.into_iter().zip(0..).map(|(organization, at)| Organization {
                name: one(at),
                owner_username: some(at + 1),
                ..organization
            });
            Answer::Organizations(renamed.collect())
        }
        Answer::Members(all) => Answer::Members(
            all.into_iter()
                .zip(0..)
                .map(|(member, at)| Member { username: one(at), email: one(at + 1), ..member })
                .collect(),
        ),
        Answer::Invites(all) => Answer::Invites(
            all.into_iter()
                .map(|invite| Invite { email: one(0), invited_by_username: one(1), ..invite })
                .collect(),
        ),
        Answer::Seats(event, map) => Answer::Seats(Box::new(Event { name: one(0), ..*event }), map),
        Answer::Line(parties) => Answer::Line(
            parties
                .into_iter()
                .zip(0..)
                .map(|(party, at)| WaitingParty { username: some(at), ..party })
                .collect(),
        ),
        Answer::BookingsAt(all, more) => {
            let renamed = all.into_iter().zip(0..).map(|(found, at)| EventBooking {
                username: some(at),
                email: some(at + 1),
                ..found
            });
            Answer::BookingsAt(renamed.collect(), more)
        }
        other => renamed_more(other, names),
    }
}

fn renamed_more(answer: Answer, names: &[String]) -> Answer {
    let one = |at: usize| names[at % names.len()].clone();
    let some = |at: usize| Some(one(at));
    match answer {
        Answer::People(all) => Answer::People(
            all.into_iter()
                .zip(0..)
                .map(|(user, at)| FoundUser {
                    username: one(at),
                    email: one(at + 1),
                    first_name: some(at + 2),
                    ..user
                })
                .collect(),
        ),
        Answer::BookingsOf(all) => Answer::BookingsOf(
            all.into_iter().map(|booking| BookingWithEvent { event_name: one(0), ..booking }).collect(),
        ),
        Answer::Told(all) => {
            Answer::Told(all.into_iter().map(|told| Notification { message: one(1), ..told }).collect())
        }
        Answer::Booking(booking, history) => {
            let renamed = history.into_iter().map(|entry| HistoryEntry {
                reason: some(0),
                actor_username: some(1),
                action: one(2),
                ..entry
            });
            Answer::Booking(booking, renamed.collect())
        }
        Answer::Why(why) => Answer::Why(Box::new(WhyWaiting { explanation: one(0), ..*why })),
        other => renamed_operations(other, names),
    }
}

fn renamed_operations(answer: Answer, names: &[String]) -> Answer {
    let one = |at: usize| names[at % names.len()].clone();
    let some = |at: usize| Some(one(at));
    match answer {
        Answer::Parked(all) => Answer::Parked(
            all.into_iter()
                .map(|parked| ParkedMessage { reason: one(0), payload: some(1), message: some(2), ..parked })
                .collect(),
        ),
        Answer::Undelivered(all) => Answer::Undelivered(
            all.into_iter()
                .map(|told| UndeliveredNotification {
                    username: some(0),
                    message: one(1),
                    reason: some(2),
                    ..told
                })
                .collect(),
        ),
        Answer::Drifts(report) => {
            Answer::Drifts(Reconciled { drifts: drifts(report.drifts, names), ..report })
        }
        Answer::Inspect(seen) => Answer::Inspect(Box::new(InspectedEvent {
            name: one(0),
            kind: one(1),
            counters: CountersSay {
                slots: some(2),
                version: some(0),
                waitlist: names.to_vec(),
                ..seen.counters
            },
            drifts: drifts(seen.drifts, names),
            ..*seen
        })),
        Answer::Keys(keys, more) => Answer::Keys(
            keys.into_iter().map(|key| CounterKey { key: one(0), kind: one(1), ..key }).collect(),
            more,
        ),
        Answer::Audit(all) => Answer::Audit(
            all.into_iter()
                .map(|record| AuditRecord {
                    actor_username: some(0),
                    action: one(1),
                    address: some(2),
                    ..record
                })
                .collect(),
        ),
        other => other,
    }
}

fn drifts(drifts: Vec<Drift>, names: &[String]) -> Vec<Drift> {
    let renamed = drifts.into_iter().map(|drift| Drift {
        event_name: names[0].clone(),
        expected: names[1].clone(),
        found: names[2].clone(),
        cause: names[0].clone(),
        ..drift
    });
    renamed.collect()
}

/// No control character, nothing wide that hangs over an edge, and every frame where it belongs.
fn whole(model: &Model, buffer: &Buffer) -> Result<(), TestCaseError> {
    let area = buffer.area;
    prop_assert_eq!((area.width, area.height), model.size);
    for y in 0..area.height {
        for x in 0..area.width {
            let symbol = buffer[(x, y)].symbol();
            prop_assert_eq!(symbol, &text::visible(symbol), "at {},{}", x, y);
            let cells = u16::try_from(symbol.width()).unwrap_or(u16::MAX);
            prop_assert!(x + cells.max(1) <= area.width, "{:?} hangs over the edge at {},{}", symbol, x, y);
        }
    }
    if model.overlay.is_none() && model.signin.is_none() && layout::shape(area) != Shape::Card {
        let body = layout::body(model, area);
        let panes = body.panes.iter().map(|(pane, rect)| (*pane, *rect));
        // The overview's charts have frames of their own.
        for (pane, rect) in panes.filter(|(pane, _)| *pane != crate::model::Pane::Charts) {
            frame(buffer, rect).map_err(|why| TestCaseError::fail(format!("{pane:?}: {why}")))?;
        }
        if let Some(rect) = body.detail {
            frame(buffer, rect).map_err(|why| TestCaseError::fail(format!("detail: {why}")))?;
        }
    }
    Ok(())
}

/// Whether a frame is drawn all around.
fn frame(buffer: &Buffer, rect: Rect) -> Result<(), String> {
    let is = |x: u16, y: u16, signs: &str| {
        let symbol = buffer[(x, y)].symbol();
        if signs.contains(symbol) && !symbol.is_empty() {
            Ok(())
        } else {
            Err(format!("{symbol:?} at {x},{y}"))
        }
    };
    if rect.width < 2 || rect.height < 2 {
        return Ok(());
    }
    let (right, bottom) = (rect.right() - 1, rect.bottom() - 1);
    is(rect.x, rect.y, "╭┏")?;
    is(right, rect.y, "╮┓")?;
    is(rect.x, bottom, "╰┗")?;
    is(right, bottom, "╯┛")?;
    for y in rect.y + 1..bottom {
        is(rect.x, y, "│┃")?;
        is(right, y, "│┃")?;
    }
    Ok(())
}
