//! Where things are on the screen. The view draws by it and the update scrolls by it: pure functions of the size, so
//! that the two cannot disagree.

use crate::model::{Context, Model, Pane};
use ratatui::layout::{Constraint, Layout, Rect};

/// How much fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Only a card that says so.
    Card,
    /// One pane.
    OnePane,
    /// Everything.
    Whole,
}

/// The parts that every screen has.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Brand, place, person, freshness.
    pub header: Rect,
    /// Why data is stale, and errors.
    pub banner: Rect,
    /// The screen's own.
    pub body: Rect,
    /// What the keys do.
    pub footer: Rect,
}

/// The parts of the screen of one event.
#[derive(Debug, Clone, Copy)]
pub struct EventParts {
    /// Date, status, numbers.
    pub summary: Rect,
    /// The seat map, frame and all.
    pub seats: Option<Rect>,
    /// The waitlist, frame and all.
    pub waitlist: Option<Rect>,
}

/// How much fits into an area.
pub fn shape(area: Rect) -> Shape {
    match (area.width, area.height) {
        (0..40, _) | (_, 0..10) => Shape::Card,
        (40..60, _) | (_, 10..15) => Shape::OnePane,
        _ => Shape::Whole,
    }
}

/// The parts of an area, with as many lines of banner as are wanted and can be had.
pub fn parts(area: Rect, banner: usize) -> Parts {
    let most = if shape(area) == Shape::Whole { 5 } else { 2 };
    let banner = u16::try_from(banner).unwrap_or(most).min(most);
    let [header, banner, body, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(banner),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    Parts { header, banner, body, footer }
}

/// The parts of the screen of one event.
pub fn event_parts(body: Rect, pane: Pane, shape: Shape) -> EventParts {
    let summary = if shape == Shape::Whole { 4 } else { 2 };
    let [summary, panes] = Layout::vertical([Constraint::Length(summary), Constraint::Fill(1)]).areas(body);
    if shape == Shape::Whole {
        let waitlist = (body.width * 2 / 5).clamp(24, 52);
        let [seats, waitlist] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(waitlist)]).areas(panes);
        return EventParts { summary, seats: Some(seats), waitlist: Some(waitlist) };
    }
    match pane {
        Pane::Seats => EventParts { summary, seats: Some(panes), waitlist: None },
        Pane::Waitlist => EventParts { summary, seats: None, waitlist: Some(panes) },
    }
}

/// The inside of a frame.
pub fn inside(frame: Rect) -> Rect {
    Rect {
        x: frame.x.saturating_add(1),
        y: frame.y.saturating_add(1),
        width: frame.width.saturating_sub(2),
        height: frame.height.saturating_sub(2),
    }
}

/// The inside of a frame under a line of column names.
pub fn rows(frame: Rect) -> Rect {
    let inside = inside(frame);
    Rect { y: inside.y.saturating_add(1), height: inside.height.saturating_sub(1), ..inside }
}

/// How seats are laid out in a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Seats in a row.
    pub per_row: usize,
    /// Cells from one seat to the next.
    pub step: usize,
    /// Cells of the number before each row.
    pub label: usize,
    /// Rows on the screen.
    pub rows: usize,
}

/// Seats stand in blocks of ten.
pub const BLOCK: usize = 10;

impl Grid {
    /// The grid for so many seats in the inside of a pane.
    pub fn new(seats: usize, inside: Rect) -> Self {
        let label = seats.to_string().len() + 2;
        let room = usize::from(inside.width).saturating_sub(label + 1);
        let rows = usize::from(inside.height);
        let per_row = |step: usize| match (room + step) / (BLOCK * step + 1) {
            0 => (room / step).max(1),
            blocks => blocks * BLOCK,
        };
        // Air between the seats where all of them are seen nonetheless, else as many as can be seen at once.
        let step = if seats.div_ceil(per_row(2)) <= rows { 2 } else { 1 };
        Self { per_row: per_row(step), step, label, rows }
    }

    /// The first seat of the row that a seat is in, no further down than the last full screen begins.
    pub fn settle(&self, first: usize, seats: usize) -> usize {
        let rows = seats.div_ceil(self.per_row);
        let row = (first / self.per_row).min(rows.saturating_sub(self.rows.max(1)));
        row * self.per_row
    }
}

/// The whole terminal, as far as the model knows it.
pub fn terminal(model: &Model) -> Rect {
    Rect::new(0, 0, model.size.0, model.size.1)
}

/// The body of the screen that is shown.
pub fn body(model: &Model, area: Rect) -> Rect {
    parts(area, crate::view::banner::lines(model, area).len()).body
}

/// Rows that the help has room for.
pub fn help_rows(area: Rect) -> usize {
    usize::from(inside(parts(area, 0).body).height)
}

/// How far a page is, in what the cursor counts.
pub fn page(model: &Model) -> usize {
    let area = terminal(model);
    let body = body(model, area);
    let rows = match model.context() {
        Context::Events | Context::Filter => rows(body).height,
        Context::Event => {
            let Some(event) = &model.event else { return 1 };
            let parts = event_parts(body, event.pane, shape(area));
            match event.pane {
                Pane::Seats => inside(parts.seats.unwrap_or_default()).height,
                Pane::Waitlist => rows(parts.waitlist.unwrap_or_default()).height,
            }
        }
        Context::Help => return help_rows(area).max(1),
        Context::SignIn => 1,
    };
    usize::from(rows).max(1)
}
