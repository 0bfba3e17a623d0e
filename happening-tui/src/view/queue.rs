//! How queue, outbox and worker are.

use super::{fact, pane, spinner, title};
use crate::model::Model;
use crate::text;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let block = pane(model, title([Span::styled("On its way", model.theme.strong)]), false);
    frame.render_widget(Paragraph::new(lines(model)).block(block), area);
}

/// The queue in a line, outbox and worker in another.
fn lines(model: &Model) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let Some(status) = &model.data.queue else {
        return vec![Line::styled(format!(" {} Asking the daemon…", spinner(model)), theme.muted)];
    };
    let warn = |is: bool| if is { theme.warn } else { theme.text };
    let mut first = Line::from(" ");
    match &status.queue {
        None => first
            .push_span(Span::styled(format!("{} the queue does not answer", theme.signs.error), theme.bad)),
        Some(queue) => {
            first.extend(fact(model, &queue.kind, text::visible(&queue.name), theme.strong));
            first.extend(fact(model, "ready", text::number(queue.ready), warn(queue.ready > 100)));
            if let Some(count) = queue.unacknowledged {
                first.extend(fact(model, "unacknowledged", text::number(count), theme.text));
            }
            first.extend(fact(model, "consumers", text::number(queue.consumers), warn(queue.consumers == 0)));
            if let Some(rates) = queue.rates {
                let rates = format!(
                    "{}/s in, {}/s out",
                    text::rate(rates.publish.max(0.0)),
                    text::rate(rates.acknowledge.max(0.0))
                );
                first.extend(fact(model, "rates", rates, theme.text));
            }
        }
    }
    let (outbox, worker) = (&status.outbox, &status.worker);
    let mut second = Line::from(" ");
    second.extend(fact(model, "outbox", text::number(outbox.pending), theme.strong));
    let lag = status.lag_seconds.unwrap_or(0);
    second.extend(fact(model, "lag", format!("{lag} s"), warn(lag > 10)));
    second.extend(fact(model, "retrying", text::number(outbox.retrying), warn(outbox.retrying > 0)));
    second.extend(fact(
        model,
        "parked",
        text::number(outbox.parked),
        if outbox.parked > 0 { theme.bad } else { theme.text },
    ));
    let worker = if worker.running {
        format!("sent {}, failed {}", text::number(worker.sent), text::number(worker.failed))
    } else {
        "does not run here".to_owned()
    };
    second.extend(fact(model, "worker", worker, theme.text));
    vec![first, second]
}
