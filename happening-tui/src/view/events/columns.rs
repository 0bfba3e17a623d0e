//! The columns of the list: which of them there is room for, and a row of them.

use crate::model::{Model, is_over};
use crate::text;
use crate::view::{bar, occupancy};
use happening_core::wire::Event;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Cells between columns.
const GAP: usize = 2;

/// The cursor and the air after it.
const MARGIN: usize = 2;

/// How wide each column is; 0 leaves it out.
pub struct Columns {
    name: usize,
    organization: usize,
    date: usize,
    bar: usize,
    free: usize,
    waiting: usize,
    status: usize,
}

impl Columns {
    /// The columns for a list of so many cells and rows. What is seen decides how wide the numbers are, and the name
    /// has what is left.
    pub fn new(model: &Model, cells: usize, rows: usize) -> Self {
        let seen = (model.events.top..).take(rows).map_while(|place| model.events.at(place));
        let free = seen.map(|event| free_of(event).len()).max().unwrap_or(0).max(4);
        let (organization, date, bar, waiting, status) = match cells {
            0..56 => (0, 0, 0, 4, 0),
            56..66 => (0, 12, 0, 4, 0),
            66..76 => (0, 12, 5, 4, 9),
            76..92 => (8, 12, 5, 4, 9),
            92..110 => (14, 12, 5, 4, 9),
            _ => (18, 21, 12, 7, 9),
        };
        let columns = [organization, date, free, waiting, status];
        let others: usize = columns.iter().filter(|column| **column > 0).map(|column| column + GAP).sum();
        let bar_and_gap = if bar > 0 { bar + 1 } else { 0 };
        let name = cells.saturating_sub(MARGIN + others + bar_and_gap + 1);
        Self { name, organization, date, bar, free, waiting, status }
    }

    /// What the columns are called.
    pub fn names(&self, model: &Model) -> Line<'static> {
        let bar = if self.bar > 0 { self.bar + 1 } else { 0 };
        let whole = |long: &'static str, short: &'static str, cells: usize| {
            if cells < long.len() { short } else { long }
        };
        let mut line = " ".repeat(MARGIN) + &text::left("event", self.name);
        for (name, cells, flush) in [
            (
                whole("organization", "org", self.organization),
                self.organization,
                text::left as fn(&str, usize) -> _,
            ),
            ("date (UTC)", self.date, text::left),
            ("free", self.free + bar, text::right),
            (whole("waiting", "wait", self.waiting), self.waiting, text::right),
            ("status", self.status, text::left),
        ] {
            if cells > 0 {
                line = line + &" ".repeat(GAP) + &flush(name, cells);
            }
        }
        Line::styled(line, model.theme.muted)
    }

    /// An event.
    pub fn row(&self, model: &Model, event: &Event, selected: bool) -> Line<'static> {
        let theme = &model.theme;
        let over = is_over(event, model.now);
        let unless_over = |style: Style| if over { theme.muted } else { style };
        let cursor = if selected { theme.signs.cursor } else { " " };
        let name = text::left(&text::visible(&event.name), self.name);
        let mut line = Line::from(vec![
            Span::styled(cursor, theme.accent),
            Span::raw(" "),
            Span::styled(name, unless_over(theme.text)),
        ]);
        let organization = text::left(&model.organization(event.org_id), self.organization);
        line.extend(cell(&organization, theme.muted));
        line.extend(cell(&self.when(model, event), unless_over(theme.text)));
        line.extend(self.free(
            model,
            event,
            unless_over(occupancy(model, event.available_slots, event.total_slots)),
        ));
        let (waiting, style) = match event.waiting {
            0 => (theme.signs.dot.to_owned(), theme.faint),
            waiting => (text::compact(waiting), unless_over(theme.warn)),
        };
        line.extend(cell(&text::right(&waiting, self.waiting), style));
        line.extend(cell(&text::left(event.status.as_str(), self.status), super::status(model, event)));
        line
    }

    fn when(&self, model: &Model, event: &Event) -> String {
        let long = text::long_date(event.event_date);
        let short = || text::short_date(event.event_date, model.now);
        text::left(&if long.len() > self.date { short() } else { long }, self.date)
    }

    /// A bar, free seats in the colour of their scarcity, all seats in grey, together flush right.
    fn free(&self, model: &Model, event: &Event, style: Style) -> Vec<Span<'static>> {
        let mut spans = vec![Span::raw(" ".repeat(GAP))];
        if self.bar > 0 {
            let taken = event.total_slots.saturating_sub(event.available_slots);
            spans.extend(bar(model, taken, event.total_slots, self.bar, style));
            spans.push(Span::raw(" "));
        }
        let both = free_of(event);
        let (free, all) = both.split_once('/').unwrap_or((&both, ""));
        spans.push(Span::raw(" ".repeat(self.free.saturating_sub(both.len()))));
        spans.push(Span::styled(free.to_owned(), style));
        spans.push(Span::styled(format!("/{all}"), model.theme.muted));
        spans
    }
}

/// A column with the gap before it; nothing for one that is left out.
fn cell(text: &str, style: Style) -> Option<Span<'static>> {
    (!text.is_empty()).then(|| Span::styled(" ".repeat(GAP) + text, style))
}

fn free_of(event: &Event) -> String {
    format!("{}/{}", text::compact(event.available_slots), text::compact(event.total_slots))
}
