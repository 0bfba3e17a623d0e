//! Drawing: a function of the model, which it cannot change. Each part has its file; what all have is here.

pub mod banner;
mod charts;
mod chooser;
mod detail;
pub mod dialog;
mod event;
pub mod footer;
pub mod form;
mod header;
mod inspect;
mod queue;
mod seats;
mod signin;
mod small;
pub mod table;

use crate::feed::Query;
use crate::layout::{self, Shape};
use crate::model::{Freshness, Model, Overlay, Pane, Screen};
use crate::text;
use chrono::TimeDelta;
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
    banner::draw(model, frame, parts.banner);
    if model.signin.is_some() {
        signin::draw(model, frame, parts.body);
    } else if model.may_look() {
        screen(model, frame, parts.body, layout::shape(area));
    } else {
        not_allowed(model, frame, parts.body);
    }
    match &model.overlay {
        Some(Overlay::Dialog(overlay)) => dialog::draw(model, overlay, frame, area),
        Some(Overlay::Form(overlay)) => form::draw(model, overlay, frame, area),
        Some(Overlay::Chooser(overlay)) => chooser::draw(model, overlay, frame, area),
        None => {}
    }
    footer::draw(model, frame, parts.footer);
}

fn screen(model: &Model, frame: &mut Frame, body: Rect, shape: Shape) {
    let parts = layout::split(model.screen, body, model.pane(), shape);
    if let Some(area) = parts.summary {
        match model.screen {
            Screen::Event => event::draw(model, frame, area, shape),
            _ => queue::draw(model, frame, area),
        }
    }
    for (pane, area) in &parts.panes {
        match pane {
            Pane::Charts => charts::draw(model, frame, *area),
            Pane::Seats => seats::draw(model, frame, *area),
            pane => table::draw(model, *pane, frame, *area),
        }
    }
    if let Some(area) = parts.detail {
        if model.screen == Screen::Redis {
            inspect::draw(model, frame, area);
        } else {
            detail::draw(model, frame, area);
        }
    }
}

fn not_allowed(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let me = model.me();
    let lines = vec![
        Line::styled(
            format!("{} {} is for operators and support", theme.signs.stale, model.screen.title()),
            theme.warn,
        ),
        Line::default(),
        Line::styled(format!("You are signed in as {} ({})", text::visible(&me.name), me.role()), theme.text),
        Line::styled("`3` leads to events, `Q` signs out", theme.muted),
    ];
    message(frame, area, lines);
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

/// Whether a pane has the keys, and there are others that could.
fn is_focused(model: &Model, pane: Pane) -> bool {
    model.screen.panes().len() > 1 && model.pane() == pane
}

/// The frame of a pane with its name.
fn named<'a>(model: &Model, pane_: Pane, more: Vec<Span<'a>>) -> Block<'a> {
    let focused = is_focused(model, pane_);
    let mark = if focused { format!("{} ", model.theme.signs.into) } else { String::new() };
    let mut spans =
        vec![Span::styled(mark, model.theme.accent), Span::styled(pane_.title(), model.theme.strong)];
    spans.extend(more);
    pane(model, title(spans), focused)
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
fn nothing_yet(model: &Model, freshness: Freshness<'_>, cells: usize) -> Vec<Line<'static>> {
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
    lines
}

/// What a pane of few lines says before its question is answered: that it is asked, or why there is no answer.
fn asking(model: &Model, query: &Query, cells: usize) -> Line<'static> {
    let theme = &model.theme;
    match model.feeds.freshness(query, TimeDelta::MAX / 4, model.now) {
        Freshness::Absent(trouble) => {
            let why = format!(" {} no answer: {}", theme.signs.stale, text::visible(&trouble.what));
            Line::styled(text::cut(&why, cells), theme.warn)
        }
        _ => Line::styled(format!(" {} Asking the daemon…", spinner(model)), theme.muted),
    }
}

fn wrapped<'a>(text: &str, cells: usize, style: Style) -> impl Iterator<Item = Line<'a>> {
    text::wrap(text, cells.saturating_sub(2)).into_iter().map(move |line| Line::styled(line, style))
}

/// The sign that something is under way, in its present position.
fn spinner(model: &Model) -> &'static str {
    let signs = model.theme.signs.spinner;
    let at = usize::try_from(model.beat.rem_euclid(i64::try_from(signs.len()).unwrap_or(1))).unwrap_or(0);
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

/// A label, what it is, and how that looks.
type Fact = (&'static str, String, Style);

/// As many facts as fit into a line, in the order of their weight.
fn facts(model: &Model, cells: usize, facts: impl IntoIterator<Item = Fact>) -> Line<'static> {
    let mut line = Line::from(" ");
    for (label, value, style) in facts {
        let gap = if line.spans.len() > 1 { "   " } else { "" };
        if line.width() + text::width(gap) + text::width(label) + 1 + text::width(&value) > cells {
            break;
        }
        line.push_span(Span::styled(format!("{gap}{label} "), model.theme.muted));
        line.push_span(Span::styled(value, style));
    }
    line
}

/// Sentences in lines with air before them.
fn prose(said: &str, cells: usize, style: Style) -> Vec<Line<'static>> {
    let lines = text::wrap(&text::visible(said), cells.saturating_sub(2));
    lines.into_iter().map(|line| Line::styled(format!(" {line}"), style)).collect()
}

/// Draws a window over the screen, and says where its inside is.
fn window(model: &Model, frame: &mut Frame, area: Rect, block: Block) -> Rect {
    frame.render_widget(ratatui::widgets::Clear, area);
    frame.render_widget(block.style(model.theme.text), area);
    layout::inside(area)
}
