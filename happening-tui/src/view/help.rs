//! The help: every action of the registry, what this screen does first.

use super::{pane, title};
use crate::action::{self, Availability, Binding};
use crate::layout::{inside, parts};
use crate::model::{Context, Model};
use crate::text;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Cells for the keys of an action, and how many of them are told.
const fn keys(cells: usize) -> (usize, usize) {
    if cells < 60 { (13, 2) } else { (20, usize::MAX) }
}

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let lines = lines(model, frame.area());
    let rows = usize::from(inside(area).height);
    let top = model.help.unwrap_or(0).min(lines.len());
    let mut block = pane(model, title([Span::styled("What every key does", model.theme.strong)]), false);
    if lines.len() > rows {
        let last = (top + rows).min(lines.len());
        block = block.title_bottom(super::place(model, top + 1, last, lines.len()).right_aligned());
    }
    let shown: Vec<Line> = lines.into_iter().skip(top).take(rows).collect();
    frame.render_widget(Paragraph::new(shown).block(block), area);
}

/// The help, laid out for a terminal.
pub fn lines(model: &Model, terminal: Rect) -> Vec<Line<'static>> {
    let cells = usize::from(inside(parts(terminal, 0).body).width);
    let context = model.under_help();
    let contexts: &[(Context, &str)] = match context {
        Context::SignIn => &[(Context::SignIn, "Here: signing in"), (Context::Help, "In this help")],
        Context::Event => &[
            (Context::Event, "Here: one event"),
            (Context::Events, "In the list of events"),
            (Context::Help, "In this help"),
        ],
        Context::Events | Context::Filter | Context::Help => &[
            (Context::Events, "Here: the list of events"),
            (Context::Filter, "While typing a filter"),
            (Context::Event, "In one event"),
            (Context::Help, "In this help"),
        ],
    };
    let mut told: Vec<*const Binding> = Vec::new();
    let mut lines = Vec::new();
    for (i, (context, heading)) in contexts.iter().enumerate() {
        let new: Vec<_> =
            action::in_context(*context).filter(|b| !told.contains(&std::ptr::from_ref(*b))).collect();
        if new.is_empty() {
            continue;
        }
        if i > 0 {
            lines.push(Line::default());
        }
        lines.push(Line::styled(format!(" {heading}"), model.theme.strong));
        for binding in new {
            told.push(std::ptr::from_ref(binding));
            lines.extend(entry(model, binding, i == 0, cells));
        }
    }
    lines
}

fn entry(model: &Model, binding: &Binding, here: bool, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let (width, told) = keys(cells);
    let keys = binding.keys.iter().take(told).map(|key| key.label()).collect::<Vec<_>>().join(" ");
    let why_not = match (binding.available)(model) {
        Availability::Disabled(reason) if here => Some(format!(" (not now: {reason})")),
        _ => None,
    };
    let about = format!("{}{}", binding.about, why_not.as_deref().unwrap_or_default());
    let style = if why_not.is_some() { theme.muted } else { theme.text };
    let room = cells.saturating_sub(width + 4);
    text::wrap(&about, room)
        .into_iter()
        .enumerate()
        .map(|(i, part)| {
            let keys = if i == 0 { text::left(&keys, width) } else { " ".repeat(width) };
            Line::from(vec![Span::styled(format!("   {keys} "), theme.accent), Span::styled(part, style)])
        })
        .collect()
}
