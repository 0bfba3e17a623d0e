//! The counters of an event beside the truth; what differs is marked.

use super::{asking, message, pane, prose, title};
use crate::feed::Query;
use crate::layout;
use crate::model::data::{of, short};
use crate::model::{Model, Pane};
use crate::text;
use chrono::TimeDelta;
use happening_core::wire::{Drift, InspectedEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let inside = layout::inside(area);
    let cells = usize::from(inside.width);
    let event = model.selected_event(Pane::Counters);
    let name = event.map_or_else(|| "No event".to_owned(), |id| model.data.event_name(id));
    let block =
        pane(model, title([Span::styled(text::cut(&name, cells.saturating_sub(4)), theme.strong)]), false);
    let Some(seen) = event.and_then(|id| of(&model.data.inspected, &id)) else {
        frame.render_widget(block, area);
        if let Some(id) = event {
            message(frame, inside, vec![asking(model, &Query::Inspect(id), cells)]);
        }
        return;
    };
    frame.render_widget(Paragraph::new(lines(model, seen, cells)).block(block), area);
}

fn lines(model: &Model, seen: &InspectedEvent, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = Vec::new();
    let found = found(model, seen);
    lines.push(if seen.agrees && found.is_empty() {
        Line::styled(format!(" {} counters and truth agree", theme.signs.live), theme.good)
    } else {
        let drifts = text::count(found.len() as u64, "difference", "differences");
        Line::styled(format!(" {} {drifts}: H heals", theme.signs.error), theme.bad)
    });
    lines.push(Line::default());
    let width = 18.min(cells.saturating_sub(14) / 2);
    let row = |label: &str, counters: String, store: String| {
        let differs = counters != store;
        let style = if differs { theme.bad } else { theme.text };
        let sign = if differs { " ≠" } else { "" };
        Line::from(vec![
            Span::styled(format!(" {}", text::left(label, 10)), theme.muted),
            Span::styled(text::right(&counters, width), style),
            Span::styled(format!("{}{sign}", text::right(&store, width)), style),
        ])
    };
    let kind = text::visible(&seen.kind);
    let head = format!(" {}{}{}", " ".repeat(10), text::right(&kind, width), text::right("truth", width));
    lines.push(Line::styled(head, theme.muted));
    let unknown = || "unknown".to_owned();
    let counters = &seen.counters;
    let said = |said: &Option<String>| said.as_deref().map_or_else(unknown, text::visible);
    lines.push(row("free", said(&counters.slots), seen.store.slots.to_string()));
    let waiting = counters.waiting.map_or_else(unknown, |waiting| waiting.to_string());
    lines.push(row("waiting", waiting, seen.store.waiting.to_string()));
    lines.push(row("version", said(&counters.version), seen.store.version.to_string()));
    let booked = format!(
        " {} of {} seats booked",
        text::number(seen.store.booked),
        text::number(seen.store.total_slots)
    );
    lines.push(Line::styled(booked, theme.muted));
    lines.extend(drifts(model, &found, cells));
    lines.extend(holds(model, seen, cells));
    let line = &seen.store.waitlist;
    if !line.is_empty() || !counters.waitlist.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled(" In line, the head first", theme.strong));
        for at in 0..line.len().max(counters.waitlist.len()).min(12) {
            let theirs = counters.waitlist.get(at).map_or_else(
                || "–".to_owned(),
                |id| match id.parse() {
                    Ok(id) => model.data.person(id),
                    Err(_) => short(text::visible(id)),
                },
            );
            let ours = line.get(at).map_or_else(|| "–".to_owned(), |id| model.data.person(*id));
            lines.push(row(&format!("{}.", at + 1), theirs, ours));
        }
    }
    lines
}

/// Seats that somebody is picking right now.
fn holds(model: &Model, seen: &InspectedEvent, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = vec![Line::default()];
    lines.push(Line::styled(format!(" Holds {}", seen.holds.len()), theme.strong));
    lines.extend(seen.holds.iter().take(12).map(|hold| {
        let who = hold.user_id.map_or_else(|| "anonymous".to_owned(), |id| model.data.person(id));
        let left = TimeDelta::milliseconds(i64::try_from(hold.ttl_ms).unwrap_or(i64::MAX));
        let booked = if hold.booked { ", booked already" } else { "" };
        Line::styled(
            text::cut(&format!("  seat {} {who}, {} left{booked}", hold.seat, text::span(left)), cells),
            theme.text,
        )
    }));
    lines
}

/// What does not agree: counters with the truth, and, by the report of all events, the event's figures with its bookings.
fn found<'a>(model: &'a Model, seen: &'a InspectedEvent) -> Vec<&'a Drift> {
    let reported = model.data.drifts.iter().flat_map(|report| &report.drifts);
    let is_more = |drift: &&Drift| {
        drift.event_id == seen.event_id
            && !drift.fixed
            && seen.drifts.iter().all(|known| known.kind != drift.kind)
            // Counters are compared with every look.
            && !drift.kind.as_str().starts_with("counters_")
    };
    seen.drifts.iter().chain(reported.filter(is_more)).collect()
}

/// What does not agree, and how that most likely came about.
fn drifts(model: &Model, found: &[&Drift], cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = Vec::new();
    for drift in found {
        lines.push(Line::default());
        let kind = drift.kind.as_str().replace('_', " ");
        let what = format!("{} {kind}: {} instead of {}", theme.signs.error, drift.found, drift.expected);
        lines.extend(prose(&what, cells, theme.bad));
        lines.extend(prose(&drift.cause, cells, theme.muted));
    }
    lines
}
