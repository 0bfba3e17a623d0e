//! The cockpit: alarms, the parts, figures over the last minutes, the hottest events.

use super::{Fact, asking, facts, pane, title};
use crate::feed::Query;
use crate::layout;
use crate::model::{Figure, Model, alarms};
use crate::text;
use happening_core::wire::{AdminStatus, Event, Health, HotEvent, KeycloakStatus};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let alarms = alarms::all(model);
    let most = if area.height >= 40 { 8 } else { 4 };
    let height = u16::try_from(alarms.len().clamp(1, most)).unwrap_or(1) + 2;
    let [top, rest] = layout::top(area, height);
    draw_alarms(model, &alarms, frame, top);
    let wide = area.width >= 100;
    let side = if wide { 46.min(area.width * 2 / 5) } else { 0 };
    let [charts, side] = layout::left(rest, rest.width - side);
    let charts = if wide {
        charts
    } else {
        let [parts, below] = layout::top(rest, 8.min(rest.height / 2));
        draw_parts(model, frame, parts);
        below
    };
    draw_charts(model, frame, charts);
    if wide {
        let [parts, hottest] = layout::top(side, 14.min(side.height / 2 + 2));
        draw_parts(model, frame, parts);
        draw_hottest(model, frame, hottest);
    }
}

fn draw_alarms(model: &Model, alarms: &[alarms::Alarm], frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let cells = usize::from(layout::inside(area).width);
    let (name, style) = match (&model.data.status, alarms.len()) {
        (None, _) => ("Alarms".to_owned(), theme.strong),
        (Some(_), 0) => ("All is well".to_owned(), theme.good),
        (Some(_), count) => (text::count(count as u64, "alarm", "alarms"), theme.bad),
    };
    let rows = usize::from(layout::inside(area).height);
    let lines: Vec<Line> = if model.data.status.is_none() {
        vec![asking(model, &Query::Status, cells)]
    } else if alarms.is_empty() {
        let well = "every part answers, nothing is parked, nothing waits too long";
        vec![Line::styled(format!(" {} {well}", theme.signs.live), theme.muted)]
    } else {
        alarms.iter().take(rows).map(|alarm| alarm_line(model, alarm, cells)).collect()
    };
    frame.render_widget(
        Paragraph::new(lines).block(pane(model, title([Span::styled(name, style)]), false)),
        area,
    );
}

fn alarm_line(model: &Model, alarm: &alarms::Alarm, cells: usize) -> Line<'static> {
    let theme = &model.theme;
    let tail = format!("  {} leads to {}", alarm.screen.key(), alarm.screen.title());
    let room = cells.saturating_sub(text::width(&tail));
    let what = text::cut(&format!(" {} {}", theme.signs.error, alarm.what), room);
    Line::from(vec![Span::styled(what, theme.bad), Span::styled(tail, theme.accent)])
}

fn draw_parts(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let cells = usize::from(layout::inside(area).width);
    let block = pane(model, title([Span::styled("Parts", theme.strong)]), false);
    let mut lines = Vec::new();
    if let Some(status) = &model.data.status {
        for (name, part) in &status.parts {
            let (sign, style) = match part.state {
                Health::Ok => (theme.signs.live, theme.good),
                Health::Degraded => (theme.signs.stale, theme.warn),
                Health::Down => (theme.signs.error, theme.bad),
            };
            let latency =
                part.latency_ms.map_or_else(String::new, |ms| format!("{} ms", text::rate(ms.max(0.0))));
            let kind = text::cut(&text::visible(&part.kind), cells.saturating_sub(33).max(8));
            lines.push(Line::from(vec![
                Span::styled(format!(" {sign} {}", text::left(&text::visible(name), 10)), style),
                Span::styled(text::left(part.state.as_str(), 10), style),
                Span::styled(text::right(&latency, 9), theme.text),
                Span::styled(format!("  {kind}"), theme.muted),
            ]));
        }
        lines.extend(figures(model, status).into_iter().map(|line| facts(model, cells, line)));
    }
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

/// What the parts have done so far, a line each.
fn figures(model: &Model, status: &AdminStatus) -> Vec<Vec<Fact>> {
    let text_ = model.theme.text;
    let count = |label, count: u64| (label, text::number(count), text_);
    let (engine, reconciler) = (&status.engine, &status.reconciler);
    let mut healed = vec![count("healed", reconciler.corrections), count("passes", reconciler.passes)];
    healed.extend(reconciler.last_pass.map(|at| ("last", text::relative(at, model.minute()), text_)));
    let mut lines = vec![
        vec![count("bookings", engine.bookings), count("commands", engine.commands)],
        vec![count("commits", engine.batches), count("sent", status.worker.sent)],
        healed,
    ];
    lines.extend(keycloak(model, &status.keycloak));
    if let Some(metrics) = &model.data.metrics {
        let connections = metrics.connections;
        let sockets = match connections.signed_in_sockets {
            0 => text::number(connections.sockets),
            known => format!("{} ({} signed in)", text::number(connections.sockets), text::number(known)),
        };
        lines.push(vec![("sockets", sockets, text_), count("streams", connections.streams)]);
    }
    let mut last = vec![("version", text::visible(&status.version), model.theme.muted)];
    last.extend(model.data.metrics.as_ref().map(|metrics| count("connections", metrics.connections.open)));
    lines.push(last);
    lines
}

/// What is still to be told to Keycloak, where that is set up.
fn keycloak(model: &Model, keycloak: &KeycloakStatus) -> Option<Vec<Fact>> {
    if !keycloak.configured {
        return None;
    }
    let state = keycloak.state.map_or("not seen yet", Health::as_str).to_owned();
    let pending: u64 = keycloak.pending.values().sum();
    let waits = if pending > 0 { model.theme.warn } else { model.theme.text };
    let mut facts = vec![("Keycloak", state, model.theme.text), ("pending", text::number(pending), waits)];
    if let Some(seconds) = keycloak.oldest_seconds {
        facts.push(("oldest", format!("{seconds} s"), waits));
    }
    Some(facts)
}

fn draw_hottest(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let (inside, hot) = (layout::inside(area), model.data.metrics.as_ref().map(|metrics| &metrics.hottest));
    let hot = hot.filter(|hot| !hot.is_empty());
    let name = if hot.is_some() { "Hottest events" } else { "Most waited for" };
    let block = pane(model, title([Span::styled(name, theme.strong)]), false);
    let (rows, cells) = (usize::from(inside.height), usize::from(inside.width));
    let lines: Vec<Line> = match hot {
        Some(hot) => hot.iter().take(rows).map(|one| hot_line(model, one, cells)).collect(),
        None => waited_for(model, rows).into_iter().map(|event| waited_line(model, event, cells)).collect(),
    };
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn hot_line(model: &Model, one: &HotEvent, cells: usize) -> Line<'static> {
    let theme = &model.theme;
    let name = text::left(&model.data.event_name(one.event_id), cells.saturating_sub(25));
    let refused = if one.refused > 0 { theme.warn } else { theme.faint };
    Line::from(vec![
        Span::styled(format!(" {name}"), theme.text),
        Span::styled(format!("{}/s", text::right(&text::number(one.commands), 8)), theme.strong),
        Span::styled(format!("{} refused", text::right(&text::number(one.refused), 6)), refused),
    ])
}

fn waited_for(model: &Model, rows: usize) -> Vec<&Event> {
    let is_open = |event: &&Event| !crate::model::rows::is_over(event, model.minute());
    let mut events: Vec<&Event> = model.data.events.iter().filter(is_open).collect();
    let key = |event: &&Event| {
        (std::cmp::Reverse(event.waiting), event.available_slots, event.event_date, event.id)
    };
    // Only what is seen is sorted.
    if events.len() > rows && rows > 0 {
        events.select_nth_unstable_by_key(rows - 1, key);
        events.truncate(rows);
    }
    events.sort_by_key(key);
    events
}

fn waited_line(model: &Model, event: &Event, cells: usize) -> Line<'static> {
    let theme = &model.theme;
    let free = format!("{}/{}", text::compact(event.available_slots), text::compact(event.total_slots));
    let name = text::left(&text::visible(&event.name), cells.saturating_sub(25));
    let tone = crate::model::rows::scarcity(event.available_slots, event.total_slots);
    let waiting = format!("{} wait", text::right(&text::compact(event.waiting), 6));
    Line::from(vec![
        Span::styled(format!(" {name}"), theme.text),
        Span::styled(text::right(&free, 12), theme.tone(tone)),
        Span::styled(waiting, if event.waiting > 0 { theme.warn } else { theme.faint }),
    ])
}

/// The charts, as many as there is room for, in two columns where that is more.
fn draw_charts(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let more = match model.series.paused {
        None if model.series.told.is_none() => Span::styled("  the daemon sends no figures yet", theme.faint),
        None => Span::styled("  space stops", theme.faint),
        Some(back) => Span::styled(format!("  stopped, {back} s ago"), theme.warn),
    };
    let block = pane(model, title([Span::styled("Last minutes", theme.strong), more]), false);
    let inside = layout::inside(area);
    frame.render_widget(block, area);
    let columns = if inside.width >= 72 { 2 } else { 1 };
    let count = Figure::ALL.len().div_ceil(columns);
    let height = (inside.height / u16::try_from(count).unwrap_or(4)).clamp(2, 9);
    let width = inside.width / u16::try_from(columns).unwrap_or(1);
    for (at, figure) in Figure::ALL.into_iter().enumerate() {
        let (column, row) = (u16::try_from(at / count).unwrap_or(0), u16::try_from(at % count).unwrap_or(0));
        let y = inside.y + row * height;
        if y + height > inside.bottom() {
            continue;
        }
        let gap = u16::from(columns > 1);
        chart(
            model,
            figure,
            frame,
            Rect { x: inside.x + column * width + column * gap, y, width: width.saturating_sub(1), height },
        );
    }
}

/// One chart: its name, what it is now and what it was at most, and bars.
fn chart(model: &Model, figure: Figure, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let cells = usize::from(area.width);
    let values: Vec<f64> = model.series.last(figure, cells).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    let known = |value: f64| if values.is_empty() { "–".to_owned() } else { text::rate(value) };
    let now = format!("{}{}", known(model.series.now(figure)), figure.unit());
    let highest = format!("most {}", known(most));
    let room = cells.saturating_sub(text::width(&now) + text::width(&highest) + 3);
    let head = Line::from(vec![
        Span::styled(format!(" {}", text::left(figure.title(), room)), theme.muted),
        Span::styled(now, theme.strong),
        Span::styled(format!("  {highest}"), theme.faint),
    ]);
    frame.render_widget(head, Rect { height: 1, ..area });
    let style = match figure {
        Figure::Bookings | Figure::Promotions => theme.good,
        Figure::Waits | Figure::Cancellations | Figure::Holds => theme.taken,
        Figure::Median | Figure::Slowest => theme.accent,
        Figure::Refusals | Figure::Commands | Figure::Queue | Figure::Outbox | Figure::Lag => theme.warn,
    };
    bars(
        model,
        &values,
        most,
        style,
        frame,
        Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area },
    );
}

/// The newest value stands on the right.
fn bars(model: &Model, values: &[f64], most: f64, style: Style, frame: &mut Frame, area: Rect) {
    let levels = model.theme.signs.levels;
    let steps = levels.len() - 1;
    let full = f64::from(area.height) * f64::from(u8::try_from(steps).unwrap_or(8));
    let buffer = frame.buffer_mut();
    for (value, x) in values.iter().rev().zip((area.left()..area.right()).rev()) {
        if most <= 0.0 || *value <= 0.0 {
            buffer[(x, area.bottom() - 1)].set_symbol(levels[1]).set_style(model.theme.faint);
            continue;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and full")]
        let mut eighths = (value / most * full).round().max(1.0) as usize;
        for y in (area.top()..area.bottom()).rev() {
            let here = eighths.min(steps);
            buffer[(x, y)].set_symbol(levels[here]).set_style(style);
            eighths -= here;
            if eighths == 0 {
                break;
            }
        }
    }
}
