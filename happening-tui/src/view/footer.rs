//! The line at the bottom: the keys that do something now, from the registry of actions; or what has just gone well.

use crate::action::{self, Action, Availability};
use crate::model::Model;
use crate::text;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Cells between hints.
const GAP: usize = 3;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let cells = usize::from(area.width).saturating_sub(1);
    let mut line = Line::from(" ");
    if let Some((toast, _)) = &model.toast {
        line.push_span(Span::styled(text::cut(&format!("{} {toast}", theme.signs.live), cells), theme.good));
    } else {
        for (key, hint, _) in fitting(model, cells) {
            line.push_span(Span::styled(key, theme.accent));
            line.push_span(Span::styled(format!(" {hint}"), theme.muted));
            line.push_span(" ".repeat(GAP));
        }
    }
    frame.render_widget(Paragraph::new(line), area);
}

/// The action whose hint is there.
pub fn action_at(model: &Model, area: Rect, x: u16) -> Option<Action> {
    if model.toast.is_some() {
        return None;
    }
    let mut left = usize::from(area.x) + 1;
    for (key, hint, action) in fitting(model, usize::from(area.width).saturating_sub(1)) {
        let width = text::width(&key) + 1 + text::width(hint);
        if (left..left + width).contains(&usize::from(x)) {
            return Some(action);
        }
        left += width + GAP;
    }
    None
}

/// As many hints as fit. Those at the end of the registry, help and quit, are the last to go.
pub fn fitting(model: &Model, cells: usize) -> Vec<(String, &'static str, Action)> {
    let mut hints: Vec<_> = action::in_context(model.context())
        .filter(|binding| !binding.hint.is_empty() && (binding.available)(model) == Availability::Ready)
        .filter_map(|binding| Some((binding.keys(model).first()?.label(), binding.hint, binding.action)))
        .collect();
    let taken = |(key, hint, _): &(String, &str, Action)| text::width(key) + 1 + text::width(hint) + GAP;
    while hints.iter().map(taken).sum::<usize>() > cells + GAP && !hints.is_empty() {
        let least = hints.len().saturating_sub(4);
        hints.remove(least);
    }
    hints
}
