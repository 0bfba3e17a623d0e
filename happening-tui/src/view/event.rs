//! What the event that is open is: its date, its status, its numbers.

use super::{bar, pane, title};
use crate::layout::{self, Shape};
use crate::model::Model;
use crate::model::rows::{scarcity, status, status_tone};
use crate::text;
use happening_core::wire::Event;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect, shape: Shape) {
    let event = model.event.as_ref().and_then(|screen| model.data.event(screen.id));
    match (event, shape) {
        (Some(event), Shape::Whole) => summary(model, event, frame, area),
        (Some(event), _) => brief(model, event, frame, area),
        (None, Shape::Whole) => frame.render_widget(pane(model, "", false), area),
        (None, _) => {}
    }
}

fn summary(model: &Model, event: &Event, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let cells = usize::from(layout::inside(area).width).saturating_sub(2);
    let name = text::cut(&text::visible(&event.name), cells.saturating_sub(4));
    let block = pane(model, title([Span::styled(name, theme.strong)]), false);
    let dot = || Span::styled(format!(" {} ", theme.signs.dot), theme.faint);
    let policy = format!("{} waitlist", event.waitlist_policy);
    let limit = event.max_seats_per_booking;
    let limit = limit.map(|limit| format!("at most {} a booking", text::count(limit, "seat", "seats")));
    let date = format!("{} UTC", text::long_date(event.event_date));
    let organizer = event.organizer_username.as_deref().map(|name| format!("by {}", text::visible(name)));
    let facts = fitting(
        vec![
            vec![Span::styled(status(event), theme.tone(status_tone(event)))],
            vec![Span::styled(date, theme.text)],
            vec![Span::styled(format!("version {}", text::number(event.version)), theme.muted)],
            vec![Span::styled(text::relative(event.event_date, model.minute()), theme.muted)],
            event.category.map(|kind| vec![Span::styled(kind.as_str(), theme.muted)]).unwrap_or_default(),
            limit.map(|limit| vec![Span::styled(limit, theme.muted)]).unwrap_or_default(),
            vec![Span::styled(policy, theme.muted)],
            vec![Span::styled(model.data.organization(event.org_id), theme.muted)],
            organizer.map(|by| vec![Span::styled(by, theme.muted)]).unwrap_or_default(),
        ],
        &dot(),
        cells,
    );
    let numbers = numbers(model, event, cells);
    frame.render_widget(Paragraph::new(vec![facts, numbers]).block(block), area);
}

/// For one pane: the name, and the numbers under it.
fn brief(model: &Model, event: &Event, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let cells = usize::from(area.width).saturating_sub(2);
    let date = text::short_date(event.event_date, model.minute());
    let tail = format!("  {}  {}", date.trim_start(), event.status);
    let name = text::cut(&text::visible(&event.name), cells.saturating_sub(text::width(&tail)));
    let first =
        Line::from(vec![Span::raw(" "), Span::styled(name, theme.strong), Span::styled(tail, theme.muted)]);
    frame.render_widget(Paragraph::new(vec![first, numbers(model, event, cells)]), area);
}

/// The bar and the numbers that it stands for.
fn numbers(model: &Model, event: &Event, cells: usize) -> Line<'static> {
    let theme = &model.theme;
    let free = theme.tone(scarcity(event.available_slots, event.total_slots));
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
