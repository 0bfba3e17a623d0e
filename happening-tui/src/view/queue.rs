//! How queue, outbox and worker are.

use super::{Fact, asking, facts, pane, title};
use crate::feed::Query;
use crate::layout;
use crate::model::Model;
use crate::text;
use chrono::{DateTime, Utc};
use happening_core::wire::{QueueFigures, QueueStatus};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let block = pane(model, title([Span::styled("On its way", model.theme.strong)]), false);
    let cells = usize::from(layout::inside(area).width);
    frame.render_widget(Paragraph::new(lines(model, cells)).block(block), area);
}

/// The queue in a line, outbox and worker in the next, and what is rarely looked at in the last.
fn lines(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let Some(status) = &model.data.queue else {
        return vec![asking(model, &Query::Queue, cells)];
    };
    let first = match &status.queue {
        None => Line::styled(format!(" {} the queue does not answer", theme.signs.error), theme.bad),
        Some(queue) => facts(model, cells, queue_facts(model, queue)),
    };
    vec![first, facts(model, cells, outbox_facts(model, status)), facts(model, cells, more(model, status))]
}

fn warn(model: &Model, is: bool) -> Style {
    if is { model.theme.warn } else { model.theme.text }
}

fn queue_facts(model: &Model, queue: &QueueFigures) -> Vec<Fact> {
    let text_ = model.theme.text;
    let mut facts = vec![
        ("queue", text::visible(&queue.name), model.theme.strong),
        ("ready", text::number(queue.ready), warn(model, queue.ready > 100)),
        ("consumers", text::number(queue.consumers), warn(model, queue.consumers == 0)),
    ];
    facts.extend(queue.unacknowledged.map(|count| ("unacknowledged", text::number(count), text_)));
    if let Some(rates) = queue.rates {
        let rate = |rate: f64| format!("{}/s", text::rate(rate.max(0.0)));
        facts.extend([
            ("in", rate(rates.publish), text_),
            ("out", rate(rates.acknowledge), text_),
            ("delivered", rate(rates.deliver), text_),
        ]);
    }
    facts.push(("kind", text::visible(&queue.kind), model.theme.muted));
    facts
}

fn outbox_facts(model: &Model, status: &QueueStatus) -> Vec<Fact> {
    let (outbox, worker, lag) = (&status.outbox, &status.worker, status.lag_seconds.unwrap_or(0));
    let parked = if outbox.parked > 0 { model.theme.bad } else { model.theme.text };
    let worker = if worker.running {
        format!("sent {}, failed {}", text::number(worker.sent), text::number(worker.failed))
    } else {
        "does not run here".to_owned()
    };
    vec![
        ("outbox", text::number(outbox.pending), model.theme.strong),
        ("lag", format!("{lag} s"), warn(model, lag > 10)),
        ("retrying", text::number(outbox.retrying), warn(model, outbox.retrying > 0)),
        ("parked", text::number(outbox.parked), parked),
        ("worker", worker, model.theme.text),
    ]
}

fn more(model: &Model, status: &QueueStatus) -> Vec<Fact> {
    let (outbox, theme) = (&status.outbox, &model.theme);
    let moment = |at: DateTime<Utc>| text::relative(at, model.minute());
    let mut facts = Vec::new();
    facts.extend(outbox.oldest.map(|at| ("oldest", moment(at), theme.text)));
    facts.extend(outbox.next_due.map(|at| ("next try", moment(at), theme.text)));
    facts.extend([
        ("announcements", text::number(outbox.announcements), theme.muted),
        ("published again", text::number(outbox.published_again), theme.muted),
        ("evicted", text::number(outbox.parked_evicted), warn(model, outbox.parked_evicted > 0)),
    ]);
    if let Some(note) = status.queue.as_ref().and_then(|queue| queue.note.as_deref()) {
        facts.push(("note", text::visible(note), theme.warn));
    }
    facts
}
