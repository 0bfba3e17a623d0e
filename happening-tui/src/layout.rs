//! Where things are on the screen. The view draws by it and the update scrolls and clicks by it: pure functions of the
//! size, so that the two cannot disagree.

use crate::model::{Model, Pane, Screen, Zoom};
use ratatui::layout::Rect;

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

/// The parts of a screen's body.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// Facts on top.
    pub summary: Option<Rect>,
    /// The panes, frames and all.
    pub panes: Vec<(Pane, Rect)>,
    /// More about what is under the cursor.
    pub detail: Option<Rect>,
}

impl Body {
    /// Where a pane is.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(at, _)| *at == pane).map(|(_, rect)| *rect)
    }
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
    let [header, rest] = top(area, 1);
    let [rest, footer] = top(rest, rest.height.saturating_sub(1));
    let [banner, body] = top(rest, banner);
    Parts { header, banner, body, footer }
}

/// The parts of a screen's body; in little room, only the pane that has the keys.
pub fn split(screen: Screen, body: Rect, focused: Pane, shape: Shape) -> Body {
    let summary = match (screen, shape) {
        (Screen::Event, Shape::Whole) => 4,
        (Screen::Queue, Shape::Whole) => 5,
        (Screen::Event, _) => 2,
        _ => 0,
    };
    let [summary, rest] = top(body, summary);
    let mut parts = Body { summary: (!summary.is_empty()).then_some(summary), ..Body::default() };
    if shape != Shape::Whole {
        parts.panes = vec![(focused, rest)];
        return parts;
    }
    arrange(screen, rest, &mut parts);
    // What has no room to show anything makes way for the pane that has the keys.
    if parts.pane(focused).is_none_or(|pane| pane.height < 4) {
        parts.panes = vec![(focused, rest)];
        parts.detail = None;
    }
    parts
}

/// A detail below, where there is room for it beside what is above.
fn with_detail(area: Rect, lines: u16, parts: &mut Body) -> Rect {
    if area.height < lines + 8 {
        return area;
    }
    let [above, below] = top(area, area.height - lines);
    parts.detail = Some(below);
    above
}

/// The first lines of an area, and the rest of it. Two halves need no solver of constraints, which costs more than a frame.
pub fn top(area: Rect, lines: u16) -> [Rect; 2] {
    let height = lines.min(area.height);
    [Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area }]
}

/// The first cells of an area, and the rest of it.
pub fn left(area: Rect, cells: u16) -> [Rect; 2] {
    let width = cells.min(area.width);
    [Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area }]
}

/// So many hundredths of a length, rounded.
fn share(length: u16, percent: u16) -> u16 {
    u16::try_from((u32::from(length) * u32::from(percent) + 50) / 100).unwrap_or(length)
}

/// The panes of a screen in which there is room for all of them.
fn arrange(screen: Screen, rest: Rect, parts: &mut Body) {
    let thirds = |area: Rect| top(area, share(area.height, 60));
    let halves = |area: Rect| top(area, share(area.height, 50));
    let left_of = |percent: u16| left(rest, share(rest.width, percent));
    parts.panes = match screen {
        Screen::Overview => vec![(Pane::Charts, rest)],
        Screen::Events => vec![(Pane::Events, rest)],
        Screen::Audit => vec![(Pane::Audit, with_detail(rest, 9, parts))],
        Screen::Log => vec![(Pane::Log, with_detail(rest, 8, parts))],
        Screen::Event => {
            let side = (rest.width * 2 / 5).clamp(24, 62);
            let [seats, side] = left(rest, rest.width - side.min(rest.width));
            let seats = with_detail(seats, 7, parts);
            let [line, bookings] = halves(side);
            vec![(Pane::Seats, seats), (Pane::Line, line), (Pane::EventBookings, bookings)]
        }
        Screen::Organizations => {
            let [left, right] = left_of(42);
            let [members, rest] = top(right, share(right.height, 45));
            let [invites, accounts] = halves(rest);
            vec![
                (Pane::Organizations, left),
                (Pane::Members, members),
                (Pane::Invites, invites),
                (Pane::ServiceAccounts, accounts),
            ]
        }
        Screen::Bookings => {
            let [left, right] = left_of(38);
            let right = with_detail(right, 9, parts);
            let [bookings, told] = thirds(right);
            vec![(Pane::People, left), (Pane::PersonBookings, bookings), (Pane::Told, told)]
        }
        Screen::Waitlists => {
            let [left, right] = left_of(40);
            vec![(Pane::WaitingEvents, left), (Pane::Parties, with_detail(right, 8, parts))]
        }
        Screen::Queue => {
            let above = with_detail(rest, 9, parts);
            let [parked, undelivered] = halves(above);
            vec![(Pane::Parked, parked), (Pane::Undelivered, undelivered)]
        }
        Screen::Redis => {
            let [left, right] = left_of(55);
            let [counters, keys] = thirds(left);
            parts.detail = Some(right);
            vec![(Pane::Counters, counters), (Pane::Keys, keys)]
        }
    };
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
    /// How near.
    pub zoom: Zoom,
    /// Seats of a cell.
    pub unit: usize,
    /// Cells with seats in a row.
    pub per_row: usize,
    /// Cells from one to the next.
    pub step: usize,
    /// Cells of the number before each row.
    pub label: usize,
    /// Rows on the screen.
    pub rows: usize,
}

/// Cells stand in blocks of ten.
pub const BLOCK: usize = 10;

impl Grid {
    /// The grid for so many seats in the inside of a pane: as near as wanted, or as near as all of them can be seen.
    pub fn new(seats: usize, inside: Rect, zoom: Option<Zoom>) -> Self {
        let fits = |zoom: &Zoom| {
            let grid = Self::at(seats, inside, *zoom);
            seats.div_ceil(grid.unit).div_ceil(grid.per_row) <= grid.rows
        };
        let zoom = zoom.or_else(|| Zoom::ALL.into_iter().find(fits)).unwrap_or(Zoom::Density);
        Self::at(seats, inside, zoom)
    }

    fn at(seats: usize, inside: Rect, zoom: Zoom) -> Self {
        let label = seats.to_string().len() + 2;
        let room = usize::from(inside.width).saturating_sub(label + 1);
        let step = if zoom == Zoom::Seats { 2 } else { 1 };
        let per_row = match (room + step) / (BLOCK * step + 1) {
            0 => (room / step).max(1),
            blocks => blocks * BLOCK,
        };
        Self { zoom, unit: zoom.unit(), per_row, step, label, rows: usize::from(inside.height) }
    }

    /// How far from the left edge a cell of a row is.
    pub fn offset(&self, cell: usize) -> usize {
        self.label + cell * self.step + cell / BLOCK
    }

    /// The cell of a row at this distance from the left edge.
    pub fn cell_at(&self, x: usize) -> Option<usize> {
        (0..self.per_row)
            .find(|cell| self.offset(*cell) == x || self.step == 2 && self.offset(*cell) + 1 == x)
    }
}

/// The whole terminal, as far as the model knows it.
pub fn terminal(model: &Model) -> Rect {
    Rect::new(0, 0, model.size.0, model.size.1)
}

/// The body of the screen that is shown.
pub fn body(model: &Model, area: Rect) -> Body {
    let body = parts(area, crate::view::banner::lines(model, area).len()).body;
    split(model.screen, body, model.pane(), shape(area))
}

/// Rows of a table that a pane shows.
pub fn page(model: &Model) -> usize {
    let body = body(model, terminal(model));
    let pane = body.pane(model.pane()).unwrap_or_default();
    usize::from(rows(pane).height).max(1)
}

/// Where what lies over the screen is.
pub fn overlay(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) =
        (width.min(area.width.saturating_sub(2)), height.min(area.height.saturating_sub(2)));
    // A little above the middle is where the eye takes the middle to be.
    let above = (area.height - height) * 2 / 5;
    Rect { x: area.x + (area.width - width) / 2, y: area.y + above, width, height }
}

/// Rows of a list to choose from.
pub fn chooser_rows(area: Rect) -> (Rect, usize) {
    let frame = overlay(area, 92, area.height.saturating_sub(4).max(8));
    (frame, usize::from(inside(frame).height).saturating_sub(2))
}
