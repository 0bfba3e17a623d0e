//! The list of events. Only the rows on the screen are built, however many events there are.

mod columns;

use self::columns::Columns;
use super::{message, nothing_yet, pane, title};
use crate::layout;
use crate::model::Model;
use crate::text;
use happening_core::wire::{Event, EventStatus};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let (inside, rows) = (layout::inside(area), layout::rows(area));
    frame.render_widget(block(model, area, usize::from(rows.height)), area);
    if model.events.fresh.data().is_none() {
        let freshness = model.events.fresh.freshness(model.now);
        let lines = nothing_yet(model, freshness, usize::from(inside.width));
        message(frame, inside, lines);
    } else if model.events.shown.is_empty() {
        message(frame, inside, empty(model));
    } else {
        table(model, frame, inside, rows);
    }
}

/// The frame with what it tells: how many there are, the filter, what they come to, which of them are seen.
fn block(model: &Model, area: Rect, rows: usize) -> Block<'static> {
    let mut block = pane(model, caption(model), false);
    if let Some(filter) = filter(model) {
        block = block.title_bottom(filter);
    }
    if let Some(totals) = totals(model).filter(|_| area.width >= 60) {
        block = block.title_bottom(totals.right_aligned());
    }
    let (first, all) = (model.events.top, model.events.shown.len());
    let last = all.min(first + rows);
    if last.saturating_sub(first) < all {
        block = block.title(super::place(model, first + 1, last, all).right_aligned());
    }
    block
}

fn table(model: &Model, frame: &mut Frame, inside: Rect, rows: Rect) {
    let columns = Columns::new(model, usize::from(inside.width), usize::from(rows.height));
    let names = Rect { height: inside.height.min(1), ..inside };
    frame.render_widget(columns.names(model), names);
    for (place, y) in (model.events.top..).zip(rows.top()..rows.bottom()) {
        let Some(event) = model.events.at(place) else {
            break;
        };
        let row = Rect { y, height: 1, ..rows };
        let selected = place == model.events.cursor;
        frame.render_widget(columns.row(model, event, selected), row);
        if selected {
            frame.buffer_mut().set_style(row, model.theme.selected);
        }
    }
}

fn caption(model: &Model) -> Line<'static> {
    let mut spans = vec![Span::styled("Events", model.theme.strong)];
    if model.events.fresh.data().is_some() {
        spans
            .push(Span::styled(format!(" {}", text::number(model.events.total() as u64)), model.theme.muted));
    }
    title(spans)
}

/// The filter with the count of its matches.
fn filter(model: &Model) -> Option<Line<'static>> {
    let filter = &model.events.filter;
    if !filter.editing && !filter.is_active() {
        return None;
    }
    let theme = &model.theme;
    let (matches, all) = (model.events.shown.len() as u64, model.events.total() as u64);
    let style = if matches == 0 { theme.warn } else { theme.muted };
    let mut spans =
        vec![Span::styled("/", theme.accent), Span::styled(text::visible(&filter.text), theme.text)];
    if filter.editing {
        spans.push(Span::styled("▏", theme.accent));
    }
    spans.push(Span::styled(format!("  {} of {}", text::number(matches), text::number(all)), style));
    Some(title(spans))
}

/// Seats and waiting parties of what is shown and not over, together.
fn totals(model: &Model) -> Option<Line<'static>> {
    let totals = model.events.totals;
    let theme = &model.theme;
    (totals.seats > 0).then(|| {
        title([
            Span::styled(text::number(totals.free), theme.text),
            Span::styled(format!(" of {} free", text::number(totals.seats)), theme.muted),
            Span::styled(format!(" {} ", theme.signs.dot), theme.faint),
            Span::styled(text::number(totals.waiting), theme.text),
            Span::styled(" waiting", theme.muted),
        ])
    })
}

fn empty(model: &Model) -> Vec<Line<'static>> {
    let theme = &model.theme;
    if model.events.filter.is_active() {
        return vec![
            Line::styled("No event matches", theme.text),
            Line::from(vec![
                Span::styled("esc", theme.accent),
                Span::styled(" shows all of them", theme.muted),
            ]),
        ];
    }
    vec![
        Line::styled("No events yet", theme.text),
        Line::default(),
        Line::styled("The first one: happening event create --help", theme.muted),
    ]
}

/// How a status is coloured.
pub fn status(model: &Model, event: &Event) -> Style {
    match event.status {
        EventStatus::Upcoming => model.theme.text,
        EventStatus::Ongoing => model.theme.good,
        EventStatus::Completed => model.theme.muted,
        EventStatus::Cancelled => model.theme.bad,
    }
}
