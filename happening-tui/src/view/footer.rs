//! The line at the bottom: the keys that do something now, from the registry of actions, or what has just gone well; and what
//! the daemon works at.

use super::bar;
use crate::action::{self, Action, Availability};
use crate::model::Model;
use crate::text;
use happening_core::wire::JobState;
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Cells between hints.
const GAP: usize = 3;

/// Cells of the bar that shows how far a job has come.
const BAR: usize = 10;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let (cells, job) = (cells(model, area), under_way(model, area));
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
    if let Some(mut job) = job {
        job.push_span(" ");
        frame.render_widget(Paragraph::new(job).alignment(Alignment::Right), area);
    }
}

/// What there is room for beside what the daemon works at.
fn cells(model: &Model, area: Rect) -> usize {
    let job = under_way(model, area).map_or(0, |job| job.width() + GAP);
    usize::from(area.width).saturating_sub(1 + job)
}

/// How far a job has come; the one that was begun here before others.
fn under_way(model: &Model, area: Rect) -> Option<Line<'static>> {
    let theme = &model.theme;
    let jobs = &model.data.jobs;
    let job = jobs.iter().find(|job| model.job == Some(job.id)).or(jobs.first())?;
    let kind = job.kind.as_str().replace('_', " ");
    let mut line = Line::from(Span::styled(format!("{kind} "), theme.muted));
    let far = match job.total {
        _ if job.state == JobState::Waiting => "waits".to_owned(),
        Some(total) if area.width >= 120 => {
            let [done, of] = [job.done, total].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
            line.extend(bar(model, done, of, BAR, theme.accent));
            format!(" {} of {}", text::number(job.done), text::number(total))
        }
        Some(total) => format!("{} %", (job.done.min(total) * 100).checked_div(total).unwrap_or(100)),
        None => text::number(job.done),
    };
    line.push_span(Span::styled(far, theme.text));
    if jobs.len() > 1 {
        line.push_span(Span::styled(format!(" (+{})", jobs.len() - 1), theme.muted));
    }
    Some(line)
}

/// The action whose hint is there.
pub fn action_at(model: &Model, area: Rect, x: u16) -> Option<Action> {
    if model.toast.is_some() {
        return None;
    }
    let mut left = usize::from(area.x) + 1;
    for (key, hint, action) in fitting(model, cells(model, area)) {
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
