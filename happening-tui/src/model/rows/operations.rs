//! The queue, the counters, the audit log, the log of calls.

use super::catalogue::is_over;
use crate::model::data::{self, of};
use crate::model::table::{Cell, Column, Row, RowKey, Tone, number, text};
use crate::model::{Model, data::Data};
use chrono::TimeDelta;
use happening_core::wire::{AuditRecord, NotificationStatus, ParkedKind};
use std::collections::HashMap;

pub const PARKED: &[Column] = &[
    text("reason", 14, 0, 10),
    text("what", 7, 12, 6),
    number("times", 5, 5),
    text("person", 6, 14, 7),
    text("event", 6, 20, 4),
    text("parked", 7, 8, 8),
];

pub const UNDELIVERED: &[Column] = &[
    text("person", 8, 16, 9),
    text("what", 8, 18, 6),
    text("status", 7, 7, 8),
    number("tries", 5, 7),
    text("why", 10, 0, 10),
    text("since", 7, 8, 5),
    text("next try", 8, 12, 3),
];

pub const COUNTERS: &[Column] = &[
    text("event", 12, 0, 10),
    number("free", 4, 8),
    number("waiting", 4, 5),
    number("version", 5, 3),
    text("counters", 9, 34, 9),
];

pub const KEYS: &[Column] = &[text("key", 16, 0, 10), text("kind", 6, 8, 5), text("expires", 7, 10, 8)];

pub const AUDIT: &[Column] = &[
    text("when", 12, 12, 8),
    text("who", 6, 16, 9),
    text("what was done", 14, 28, 10),
    text("to", 8, 0, 7),
    text("organization", 8, 16, 3),
    text("from", 7, 15, 2),
    text("request", 8, 12, 1),
];

pub const LOG: &[Column] = &[
    text("when", 8, 8, 8),
    text("method", 6, 6, 6),
    text("path", 16, 0, 10),
    text("status", 6, 6, 9),
    number("took", 6, 7),
    text("request id", 8, 12, 2),
];

pub fn parked(model: &Model) -> Vec<Row> {
    model
        .data
        .parked
        .iter()
        .map(|parked| {
            let what = match (parked.kind, parked.notification_type) {
                (_, Some(kind)) => kind.as_str().replace('_', " "),
                (ParkedKind::Notification, None) => "notification".to_owned(),
                (ParkedKind::Message, None) => "message".to_owned(),
            };
            let cells = vec![
                Cell::text(&parked.reason).tone(Tone::Bad),
                Cell::text(what),
                Cell::number(parked.times),
                Cell::maybe(parked.user_id.map(|id| model.data.person(id))),
                Cell::maybe(parked.event_id.map(|id| model.data.event_name(id))).tone(Tone::Muted),
                Cell::since(parked.parked_at),
            ];
            Row::new(RowKey::Parked(parked.id), cells)
        })
        .collect()
}

pub fn undelivered(model: &Model) -> Vec<Row> {
    model
        .data
        .undelivered
        .iter()
        .map(|told| {
            let person = match &told.username {
                Some(name) => Cell::text(name),
                None => Cell::text(data::short(told.user_id)).tone(Tone::Muted),
            };
            let cells = vec![
                person,
                Cell::text(told.kind.as_str().replace('_', " ")).tone(Tone::Muted),
                Cell::text(told.status.as_str()).tone(match told.status {
                    NotificationStatus::Failed => Tone::Bad,
                    NotificationStatus::Pending => Tone::Warn,
                    NotificationStatus::Sent => Tone::Good,
                }),
                Cell::number(told.tries),
                Cell::maybe(told.reason.as_deref()),
                Cell::since(told.created_at),
                told.next_try.map_or_else(Cell::none, Cell::at),
            ];
            Row::new(RowKey::Notification(told.id), cells).found_by(&told.message)
        })
        .collect()
}

/// Events that may still change, those with drift first.
pub fn counters(model: &Model) -> Vec<Row> {
    let mut drifts: HashMap<_, Vec<String>> = HashMap::new();
    for drift in model.data.drifts.iter().flat_map(|report| &report.drifts).filter(|drift| !drift.fixed) {
        let words = format!("{} {} ≠ {}", drift.kind.as_str().replace('_', " "), drift.found, drift.expected);
        drifts.entry(drift.event_id).or_default().push(words);
    }
    let mut rows: Vec<(bool, Row)> = model
        .data
        .events
        .iter()
        .filter(|event| drifts.contains_key(&event.id) || !is_over(event, model.minute()))
        .map(|event| {
            let (agree, counters) = match drifts.get(&event.id) {
                Some(words) => (false, Cell::text(format!("! {}", words.join("; "))).tone(Tone::Bad)),
                None if model.data.drifts.is_some() => (true, Cell::text("agree").tone(Tone::Good)),
                None => (true, Cell::none()),
            };
            let cells = vec![
                Cell::text(&event.name),
                Cell::number(event.available_slots),
                Cell::number(event.waiting),
                Cell::number(event.version).tone(Tone::Muted),
                counters,
            ];
            (agree, Row::new(RowKey::Event(event.id), cells))
        })
        .collect();
    rows.sort_by_key(|(agree, _)| *agree);
    rows.into_iter().map(|(_, row)| row).collect()
}

pub fn keys(model: &Model) -> Vec<Row> {
    let Some((keys, _)) = of(&model.data.keys, &model.keys_wanted) else { return Vec::new() };
    keys.iter()
        .map(|key| {
            let expires = key.ttl_ms.map(|ttl| {
                crate::text::span(TimeDelta::milliseconds(i64::try_from(ttl).unwrap_or(i64::MAX)))
            });
            let cells = vec![
                Cell::text(&key.key),
                Cell::text(&key.kind).tone(Tone::Muted),
                expires.map_or_else(
                    || Cell::text("never").tone(Tone::Muted),
                    |ttl| Cell::text(ttl).tone(Tone::Warn),
                ),
            ];
            Row::new(RowKey::Key(key.key.clone()), cells)
        })
        .collect()
}

pub fn audit(model: &Model) -> Vec<Row> {
    model
        .data
        .audit
        .iter()
        .map(|record| {
            let cells = vec![
                Cell::at(record.at),
                match (&record.actor_username, record.actor_id) {
                    (Some(name), _) => Cell::text(name),
                    (None, Some(id)) => Cell::text(data::short(id)).tone(Tone::Muted),
                    (None, None) => Cell::text("the daemon").tone(Tone::Muted),
                },
                Cell::text(&record.action).tone(Tone::Strong),
                Cell::text(target(&model.data, record)),
                Cell::maybe(record.organization_id.map(|id| model.data.organization(id))).tone(Tone::Muted),
                Cell::maybe(record.address.as_deref()).tone(Tone::Muted),
                Cell::maybe(record.request_id.as_deref()).tone(Tone::Muted),
            ];
            Row::new(RowKey::Number(record.id), cells).found_by(&record.target.id)
        })
        .collect()
}

/// What an entry of the audit log is about, by name where that is known.
fn target(data: &Data, record: &AuditRecord) -> String {
    let named = match record.target.kind.as_str() {
        "event" => record.target.id.parse().ok().map(|id| data.event_name(id)),
        "user" | "member" => record.target.id.parse().ok().map(|id| data.person(id)),
        "organization" => record.target.id.parse().ok().map(|id| data.organization(id)),
        _ => None,
    };
    format!("{} {}", record.target.kind, named.unwrap_or_else(|| data::short(&record.target.id)))
}

/// The newest first.
pub fn log(model: &Model) -> Vec<Row> {
    model
        .log
        .calls
        .iter()
        .rev()
        .map(|(number, call)| {
            let status = match call.status {
                None => Cell::text("none").tone(Tone::Bad),
                Some(status) => Cell::text(status.to_string()).tone(match status {
                    0..400 => Tone::Good,
                    400..500 => Tone::Warn,
                    _ => Tone::Bad,
                }),
            };
            let tone = if call.method == "GET" { Tone::Muted } else { Tone::Strong };
            let cells = vec![
                Cell::text(call.at.format("%H:%M:%S").to_string()).tone(Tone::Muted),
                Cell::text(&call.method).tone(tone),
                Cell::text(&call.path),
                status,
                Cell::text(format!("{} ms", call.took.as_millis())).tone(Tone::Muted),
                Cell::maybe(call.request_id.as_deref()).tone(Tone::Muted),
            ];
            Row::new(RowKey::Number(*number), cells).found_by(&call.command)
        })
        .collect()
}
