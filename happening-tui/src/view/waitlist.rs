//! The waitlist: who waits, in line, for how many seats, since when.

use super::{message, nothing_yet, pane, place, title, wrapped};
use crate::layout;
use crate::model::{EventScreen, Model, Pane};
use crate::text;
use happening_core::wire::WaitingParty;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

pub fn draw(model: &Model, screen: &EventScreen, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let (inside, rows) = (layout::inside(area), layout::rows(area));
    let cells = usize::from(inside.width);
    frame.render_widget(block(model, screen, usize::from(rows.height)), area);
    let lines = match screen.fresh.data().map(|snapshot| &snapshot.waitlist) {
        None => nothing_yet(model, screen.fresh.freshness(model.now), cells),
        Some(Err(trouble)) => {
            wrapped(&text::sentence(&text::visible(&trouble.what)), cells, theme.muted).collect()
        }
        Some(Ok(parties)) if parties.is_empty() => vec![Line::styled("Nobody waits", theme.muted)],
        Some(Ok(parties)) => {
            table(model, screen, parties, frame, inside, rows);
            return;
        }
    };
    message(frame, inside, lines);
}

/// The frame with what it tells: how many wait for how many seats, and which of them are seen.
fn block(model: &Model, screen: &EventScreen, rows: usize) -> Block<'static> {
    let theme = &model.theme;
    let focused = screen.pane == Pane::Waitlist;
    let mark = if focused { format!("{} ", theme.signs.into) } else { String::new() };
    let mut caption = vec![Span::styled(mark, theme.accent), Span::styled("Waitlist", theme.strong)];
    let Some(snapshot) = screen.fresh.data().filter(|snapshot| snapshot.waitlist.is_ok()) else {
        return pane(model, title(caption), focused);
    };
    let all = screen.parties();
    caption.push(Span::styled(format!(" {}", text::number(all as u64)), theme.muted));
    let mut block = pane(model, title(caption), focused);
    if all > 0 {
        let wanted = format!("{} wanted", text::count(snapshot.wanted, "seat", "seats"));
        block = block.title_bottom(title([Span::styled(wanted, theme.muted)]));
    }
    if all > rows {
        let (first, last) = (screen.first_party + 1, all.min(screen.first_party + rows));
        block = block.title_bottom(place(model, first, last, all).right_aligned());
    }
    block
}

fn table(
    model: &Model,
    screen: &EventScreen,
    parties: &[WaitingParty],
    frame: &mut Frame,
    inside: Rect,
    rows: Rect,
) {
    let cells = usize::from(inside.width);
    let position = parties.last().map_or(2, |last| last.position.to_string().len()).max(2);
    let waits = if cells >= 34 { 10 } else { 0 };
    let person = cells.saturating_sub(1 + position + 2 + 2 + SEATS + waits + 1);
    let columns = Columns { position, person, waits };
    let names = columns.line("#", "person", "seats", "waits");
    let first = Rect { height: inside.height.min(1), ..inside };
    frame.render_widget(Line::styled(names.concat(), model.theme.muted), first);
    for (party, y) in parties.iter().skip(screen.first_party).zip(rows.top()..rows.bottom()) {
        let row = Rect { y, height: 1, ..rows };
        frame.render_widget(columns.row(model, party), row);
    }
}

/// Cells for a number of seats.
const SEATS: usize = 5;

/// How wide each column is.
struct Columns {
    position: usize,
    person: usize,
    waits: usize,
}

impl Columns {
    fn line(&self, position: &str, person: &str, seats: &str, waits: &str) -> [String; 4] {
        [
            format!(" {}  ", text::right(position, self.position)),
            text::left(person, self.person),
            format!("  {}", text::right(seats, SEATS)),
            text::right(waits, self.waits),
        ]
    }

    fn row(&self, model: &Model, party: &WaitingParty) -> Line<'static> {
        let theme = &model.theme;
        let waits = text::span(model.now - party.created_at);
        let cells = self.line(&party.position.to_string(), &who(party), &text::number(party.seats), &waits);
        let styles = [theme.muted, theme.text, theme.strong, theme.muted];
        cells.into_iter().zip(styles).map(|(cell, style)| Span::styled(cell, style)).collect()
    }
}

fn who(party: &WaitingParty) -> String {
    match &party.username {
        Some(name) => text::visible(name),
        None => party.user_id.to_string().chars().take(8).collect(),
    }
}
