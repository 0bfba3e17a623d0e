//! Drawing: a function of the model, which it cannot change. Each screen has its file; the parts that all have are here.

pub mod banner;
mod event;
mod events;
mod footer;
mod header;
pub mod help;
mod seats;
mod signin;
mod small;
mod waitlist;

use crate::layout::{self, Shape};
use crate::model::{Context, Freshness, Model};
use crate::text;
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

/// Draws everything.
pub fn view(model: &Model, frame: &mut Frame) {
    let area = frame.area();
    if layout::shape(area) == Shape::Card {
        small::draw(model, frame, area);
        return;
    }
    let parts = layout::parts(area, banner::lines(model, area).len());
    header::draw(model, frame, parts.header);
    if model.help.is_some() {
        let parts = layout::parts(area, 0);
        help::draw(model, frame, parts.body);
        footer::draw(model, frame, parts.footer);
        return;
    }
    banner::draw(model, frame, parts.banner);
    match model.under_help() {
        Context::SignIn => signin::draw(model, frame, parts.body),
        Context::Event => event::draw(model, frame, parts.body, layout::shape(area)),
        Context::Events | Context::Filter | Context::Help => events::draw(model, frame, parts.body),
    }
    footer::draw(model, frame, parts.footer);
}

/// A pane's frame with its title.
fn pane<'a>(model: &Model, title: impl Into<Line<'a>>, focused: bool) -> Block<'a> {
    let theme = &model.theme;
    let (set, style) = if focused {
        (theme.signs.border_focused, theme.border_focused)
    } else {
        (theme.signs.border, theme.border)
    };
    Block::bordered().border_set(set).border_style(style).title(title)
}

/// A title with air around it, which does not look like the frame that it stands in.
fn title<'a>(spans: impl IntoIterator<Item = Span<'a>>) -> Line<'a> {
    let mut line = Line::from(" ").style(Style::reset());
    line.extend(spans);
    line.push_span(" ");
    line
}

/// Which part of a whole is seen.
fn place(model: &Model, first: usize, last: usize, all: usize) -> Line<'static> {
    let [first, last, all] = [first, last, all].map(|n| text::number(n as u64));
    title([Span::styled(format!("{first}–{last} of {all}"), model.theme.muted)])
}

/// Lines in the middle of an area: what a pane says that has nothing to show.
fn message(frame: &mut Frame, area: Rect, lines: Vec<Line>) {
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let middle = Rect { y: area.y + (area.height - height) / 2, height, ..area };
    frame.render_widget(Paragraph::new(lines).alignment(Alignment::Center), middle);
}

/// What a pane says before it has anything to show: that it is being asked for, or why it is not to be had.
fn nothing_yet<'a>(model: &'a Model, freshness: Freshness<'a>, cells: usize) -> Vec<Line<'a>> {
    let theme = &model.theme;
    let Freshness::Absent(trouble) = freshness else {
        return vec![Line::from(vec![
            Span::styled(spinner(model), theme.accent),
            Span::styled(" Asking the daemon…", theme.muted),
        ])];
    };
    let mut lines =
        vec![Line::styled(format!("{} Nothing to show", theme.signs.stale), theme.warn), Line::default()];
    lines.extend(wrapped(&text::sentence(&text::visible(&trouble.what)), cells, theme.text));
    lines.push(Line::styled("It is tried again every 2 s.", theme.muted));
    lines
}

fn wrapped<'a>(text: &str, cells: usize, style: Style) -> impl Iterator<Item = Line<'a>> {
    text::wrap(text, cells.saturating_sub(2)).into_iter().map(move |line| Line::styled(line, style))
}

/// The sign that something is under way, in its present position.
fn spinner(model: &Model) -> &'static str {
    let signs = model.theme.signs.spinner;
    let quarter = model.now.timestamp_millis().div_euclid(250);
    let at = usize::try_from(quarter.rem_euclid(i64::try_from(signs.len()).unwrap_or(1))).unwrap_or(0);
    signs.get(at).copied().unwrap_or("")
}

/// A bar of `cells` cells. It looks full only when it is, and empty only when it is.
fn bar(model: &Model, part: u32, whole: u32, cells: usize, full: Style) -> [Span<'static>; 2] {
    let signs = model.theme.signs.bar;
    let halves = cells * 2;
    let exact = usize::try_from(u64::from(part) * halves as u64 / u64::from(whole.max(1))).unwrap_or(halves);
    let filled = match (part, whole) {
        (0, _) => 0,
        (part, whole) if part >= whole => halves,
        _ => exact.clamp(1, halves.saturating_sub(1)),
    };
    let half = if filled % 2 == 1 { signs[1] } else { "" };
    let used = filled.div_ceil(2);
    [
        Span::styled(signs[0].repeat(filled / 2) + half, full),
        Span::styled(signs[2].repeat(cells - used), model.theme.faint),
    ]
}

/// How a free count is coloured: green while there is room, amber when it gets tight, red when there is none.
fn occupancy(model: &Model, free: u32, total: u32) -> Style {
    match free {
        0 => model.theme.bad,
        free if u64::from(free) * 10 <= u64::from(total) => model.theme.warn,
        _ => model.theme.good,
    }
}
