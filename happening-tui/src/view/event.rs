//! One event: what it is on top, its seats on the left, who waits on the right.

use super::{bar, occupancy, pane, seats, title, waitlist};
use crate::layout::{self, Shape};
use crate::model::{EventScreen, Model};
use crate::text;
use happening_core::wire::Event;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect, shape: Shape) {
    let Some(screen) = &model.event else { return };
    let parts = layout::event_parts(area, screen.pane, shape);
    if shape == Shape::Whole {
        summary(model, screen, frame, parts.summary);
    } else {
        brief(model, screen, frame, parts.summary);
    }
    if let Some(area) = parts.seats {
        seats::draw(model, screen, frame, area);
    }
    if let Some(area) = parts.waitlist {
        waitlist::draw(model, screen, frame, area);
    }
}

fn summary(model: &Model, screen: &EventScreen, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let event = &screen.event;
    let cells = usize::from(layout::inside(area).width).saturating_sub(2);
    let name = text::cut(&text::visible(&event.name), cells.saturating_sub(4));
    let block = pane(model, title([Span::styled(name, theme.strong)]), false);
    let dot = || Span::styled(format!(" {} ", theme.signs.dot), theme.faint);
    let policy = format!("{} waitlist", event.waitlist_policy);
    let date = format!("{} UTC", text::long_date(event.event_date));
    let facts = fitting(
        vec![
            vec![Span::styled(event.status.as_str(), super::events::status(model, event))],
            vec![Span::styled(date, theme.text)],
            vec![Span::styled(format!("version {}", text::number(event.version)), theme.muted)],
            vec![Span::styled(text::relative(event.event_date, model.now), theme.muted)],
            event.category.map(|kind| vec![Span::styled(kind.as_str(), theme.muted)]).unwrap_or_default(),
            vec![Span::styled(policy, theme.muted)],
            vec![Span::styled(model.organization(event.org_id), theme.muted)],
        ],
        &dot(),
        cells,
    );
    let numbers = numbers(model, event, cells);
    frame.render_widget(Paragraph::new(vec![facts, numbers]).block(block), area);
}

/// For one pane: the name, and the numbers under it.
fn brief(model: &Model, screen: &EventScreen, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let event = &screen.event;
    let cells = usize::from(area.width).saturating_sub(2);
    let date = text::short_date(event.event_date, model.now);
    let tail = format!("  {}  {}", date.trim_start(), event.status);
    let name = text::cut(&text::visible(&event.name), cells.saturating_sub(text::width(&tail)));
    let first =
        Line::from(vec![Span::raw(" "), Span::styled(name, theme.strong), Span::styled(tail, theme.muted)]);
    frame.render_widget(Paragraph::new(vec![first, numbers(model, event, cells)]), area);
}

/// The bar and the numbers that it stands for.
fn numbers(model: &Model, event: &Event, cells: usize) -> Line<'static> {
    let theme = &model.theme;
    let free = occupancy(model, event.available_slots, event.total_slots);
    let waiting = if event.waiting > 0 { theme.warn } else { theme.muted };
    let facts = [
        Span::styled(text::number(event.available_slots), free),
        Span::styled(format!(" of {} free", text::number(event.total_slots)), theme.muted),
        Span::styled(format!("  {} waiting ", text::number(event.waiting)), waiting),
    ];
    let room = cells.saturating_sub(facts.iter().map(Span::width).sum::<usize>() + 1);
    let taken = event.total_slots.saturating_sub(event.available_slots);
    let mut line = Line::from(" ");
    if room >= 5 {
        line.extend(bar(model, taken, event.total_slots, room.min(60), free));
        line.push_span(Span::raw(" "));
    }
    line.extend(facts);
    line
}

/// As many facts as fit, in the order of their weight.
fn fitting<'a>(facts: Vec<Vec<Span<'a>>>, between: &Span<'a>, cells: usize) -> Line<'a> {
    let mut line = Line::from(" ");
    for fact in facts.into_iter().filter(|fact| !fact.is_empty()) {
        let begun = line.spans.len() > 1;
        let more = fact.iter().map(Span::width).sum::<usize>() + if begun { between.width() } else { 0 };
        if line.width() + more > cells {
            break;
        }
        if begun {
            line.push_span(between.clone());
        }
        line.extend(fact);
    }
    line
}
