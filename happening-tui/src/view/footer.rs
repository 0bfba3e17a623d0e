//! The line at the bottom: the keys that do something now, from the registry of actions.

use crate::action::{self, Availability};
use crate::model::Model;
use crate::text;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let mut line = Line::from(" ");
    for (key, hint) in fitting(model, usize::from(area.width).saturating_sub(1)) {
        line.push_span(Span::styled(key, theme.accent));
        line.push_span(Span::styled(format!(" {hint}"), theme.muted));
        line.push_span("   ");
    }
    frame.render_widget(Paragraph::new(line), area);
}

/// As many hints as fit. Those at the end of the registry, help and quit, are the last to go.
fn fitting(model: &Model, cells: usize) -> Vec<(String, &'static str)> {
    let mut hints: Vec<_> = action::in_context(model.context())
        .filter(|binding| !binding.hint.is_empty() && (binding.available)(model) == Availability::Ready)
        .filter_map(|binding| Some((binding.keys.first()?.label(), binding.hint)))
        .collect();
    let taken = |(key, hint): &(String, &str)| text::width(key) + 1 + text::width(hint) + 3;
    while hints.iter().map(taken).sum::<usize>() > cells + 3 && !hints.is_empty() {
        let least = hints.len().saturating_sub(3);
        hints.remove(least);
    }
    hints
}
