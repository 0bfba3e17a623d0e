//! A table. Only the rows on the screen are built, however many there are.

use super::{bar, message, named, nothing_yet, place, title};
use crate::layout;
use crate::model::{Cell, Freshness, Model, Pane, Row, Show, Table, Tone};
use crate::text;
use chrono::TimeDelta;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

/// Cells between columns.
const GAP: usize = 2;

/// Cells in which most names fit.
const COMFORTABLE: usize = 28;

/// The cursor, a mark, and the air after them.
const MARGIN: usize = 2;

pub fn draw(model: &Model, pane: Pane, frame: &mut Frame, area: Rect) {
    let Some(table) = model.table_of(pane) else { return };
    let (inside, rows) = (layout::inside(area), layout::rows(area));
    frame.render_widget(block(model, pane, table, area, usize::from(rows.height)), area);
    if table.rows.is_empty() {
        message(frame, inside, empty(model, pane, usize::from(inside.width)));
        return;
    }
    if table.shown.is_empty() {
        let lines = vec![
            Line::styled("Nothing matches the filter", model.theme.muted),
            Line::styled("esc shows everything", model.theme.faint),
        ];
        message(frame, inside, lines);
        return;
    }
    let columns = Columns::new(model, table, usize::from(inside.width), usize::from(rows.height));
    let names = Rect { height: inside.height.min(1), ..inside };
    frame.render_widget(columns.names(model, table), names);
    let has_keys = model.pane() == pane && model.overlay.is_none();
    for (at, y) in (table.top..).zip(rows.top()..rows.bottom()) {
        let Some(row) = table.at(at) else { break };
        let line = Rect { y, height: 1, ..rows };
        let under_cursor = at == table.cursor;
        frame.render_widget(columns.row(model, table, row, under_cursor), line);
        if under_cursor && has_keys {
            frame.buffer_mut().set_style(line, model.theme.selected);
        }
    }
}

/// The column of a cell of the line with the names.
pub fn column_at(model: &Model, pane: Pane, inside: Rect, x: u16) -> Option<usize> {
    let table = model.table_of(pane)?;
    let columns = Columns::new(model, table, usize::from(inside.width), usize::from(inside.height));
    let mut left = usize::from(inside.x) + MARGIN;
    for (at, width) in &columns.widths {
        if (left..left + width + GAP).contains(&usize::from(x)) {
            return Some(*at);
        }
        left += width + GAP;
    }
    None
}

/// The frame with what it tells: how many there are, the filter, the order, which of them are seen.
fn block<'a>(model: &Model, pane: Pane, table: &Table, area: Rect, rows: usize) -> Block<'a> {
    let theme = &model.theme;
    let mut more = Vec::new();
    if !table.rows.is_empty() {
        more.push(Span::styled(format!(" {}", text::number(table.rows.len() as u64)), theme.muted));
    }
    if !table.marked.is_empty() {
        let marked = format!("  {} {} marked", theme.signs.mark, text::number(table.marked.len() as u64));
        more.push(Span::styled(marked, theme.warn));
    }
    if let Some(wanted) = wanted(model, pane) {
        more.push(Span::styled(format!("  {}", text::cut(&wanted, 24)), theme.accent));
    }
    let mut block = named(model, pane, more);
    if let Some(filter) = filter(model, table, usize::from(area.width)) {
        block = block.title_bottom(filter);
    } else if let Some(total) = totals(model, pane, table).filter(|_| area.width >= 60) {
        block = block.title_bottom(total.right_aligned());
    }
    let (first, all) = (table.top, table.shown.len());
    let last = all.min(first + rows);
    if last.saturating_sub(first) < all && area.width >= 30 {
        block = block.title(place(model, first + 1, last, all).right_aligned());
    }
    block
}

/// What the table was asked for, where that is a person's choice.
fn wanted(model: &Model, pane: Pane) -> Option<String> {
    match pane {
        Pane::People if model.me().user.is_some_and(|id| id.to_string() == model.people_wanted) => {
            Some("yourself".to_owned())
        }
        Pane::People if !model.people_wanted.is_empty() => {
            Some(format!("“{}”", text::visible(&model.people_wanted)))
        }
        Pane::PersonBookings => model.selected_person(Pane::People).map(|id| model.data.person(id)),
        Pane::Parties => model.selected_event(Pane::WaitingEvents).map(|id| model.data.event_name(id)),
        Pane::Members => model.selected_organization().map(|id| model.data.organization(id)),
        Pane::Keys => Some(text::visible(&model.keys_wanted)),
        Pane::Audit => {
            let audit = &model.audit_wanted;
            let by = audit.actor.map(|id| format!("by {}", model.data.person(id)));
            let parts =
                [audit.action.as_deref().map(text::visible), by, audit.target.as_deref().map(text::visible)];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
        _ => None,
    }
}

/// The filter with the count of its matches.
fn filter(model: &Model, table: &Table, cells: usize) -> Option<Line<'static>> {
    let filter = &table.filter;
    if !filter.editing && !filter.is_active() {
        return None;
    }
    let theme = &model.theme;
    let (matches, all) = (table.shown.len() as u64, table.rows.len() as u64);
    let style = if matches == 0 { theme.warn } else { theme.muted };
    let count = format!("  {} of {}", text::number(matches), text::number(all));
    let room = cells.saturating_sub(text::width(&count) + 6);
    let mut spans = vec![
        Span::styled("/", theme.accent),
        Span::styled(text::cut(&text::visible(&filter.text), room), theme.text),
    ];
    if filter.editing {
        spans.push(Span::styled("▏", theme.accent));
    }
    spans.push(Span::styled(count, style));
    Some(title(spans))
}

/// What the events come to that are shown and not over.
fn totals(model: &Model, pane: Pane, table: &Table) -> Option<Line<'static>> {
    if pane != Pane::Events || table.shown.len() > 20_000 {
        return None;
    }
    let (mut free, mut seats, mut waiting) = (0, 0, 0);
    for row in table.shown.iter().map(|at| &table.rows[*at]).filter(|row| !row.over) {
        if let Some(Cell { show: Show::Share(part, whole), .. }) = row.cells.get(4) {
            free += u64::from(*part);
            seats += u64::from(*whole);
        }
        if let Some(Cell { show: Show::Number(parties), .. }) = row.cells.get(5) {
            waiting += parties;
        }
    }
    let theme = &model.theme;
    (seats > 0).then(|| {
        title([
            Span::styled(text::number(free), theme.text),
            Span::styled(format!(" of {} free", text::number(seats)), theme.muted),
            Span::styled(format!(" {} ", theme.signs.dot), theme.faint),
            Span::styled(text::number(waiting), theme.text),
            Span::styled(" waiting", theme.muted),
        ])
    })
}

/// What a table says that has no rows.
fn empty(model: &Model, pane: Pane, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let query = crate::update::feeds::query_of(model, pane);
    if let Some(query) = &query {
        match model.feeds.freshness(query, TimeDelta::MAX / 4, model.now) {
            Freshness::Live | Freshness::Stale(..) if model.data.has(query) => {}
            Freshness::Live | Freshness::Stale(..) => return nothing_yet(model, Freshness::Loading, cells),
            freshness => return nothing_yet(model, freshness, cells),
        }
    }
    let unselected = query.is_none() && pane != Pane::Log;
    let (said, hint) = match pane {
        _ if unselected => ("Nothing is selected beside it", ""),
        Pane::Events => ("No events yet", "`n` publishes one"),
        Pane::Organizations => ("No organizations", ""),
        Pane::Members => ("No members", ""),
        Pane::Invites => ("No invites", "`I` invites somebody"),
        Pane::ServiceAccounts => ("No service accounts", "`n` gives one a role"),
        Pane::Line | Pane::Parties => ("Nobody waits", ""),
        Pane::EventBookings => ("Nobody has booked yet", "`b` books for a person"),
        Pane::People => ("Nobody found", "`f` looks for others"),
        Pane::PersonBookings => ("No bookings", ""),
        Pane::Told => ("Nothing was told", ""),
        Pane::WaitingEvents => ("Nobody waits for any event", ""),
        Pane::Parked => ("Nothing is parked", "all is well"),
        Pane::Undelivered => ("Everybody was told", "all is well"),
        Pane::Counters => ("No events that may still change", ""),
        Pane::Keys => ("No such keys", "`f` asks for others"),
        Pane::Audit => ("No entries", "`f` asks for others"),
        Pane::Log => ("No calls yet", ""),
        Pane::Charts | Pane::Seats => ("", ""),
    };
    vec![Line::styled(said, theme.muted), Line::styled(hint, theme.faint)]
}

/// The columns that there is room for, and how wide they are.
struct Columns {
    widths: Vec<(usize, usize)>,
}

impl Columns {
    fn new(model: &Model, table: &Table, cells: usize, rows: usize) -> Self {
        let mut wanted: Vec<usize> =
            (0..table.columns.len()).filter(|at| !table.hidden.contains(at)).collect();
        let room = cells.saturating_sub(MARGIN);
        // What is seen decides how wide columns are, the flexible ones share what is left.
        let seen: Vec<&Row> = (table.top..table.top + rows).map_while(|at| table.at(at)).collect();
        loop {
            let mut widths: Vec<_> =
                wanted.iter().map(|at| (*at, natural_width(model, table, &seen, *at))).collect();
            if fit(table, &mut widths, room) || wanted.len() == 1 {
                return Self { widths };
            }
            let lightest = wanted.iter().copied().min_by_key(|at| table.columns[*at].weight);
            wanted.retain(|at| Some(*at) != lightest);
        }
    }

    fn names(&self, model: &Model, table: &Table) -> Line<'static> {
        let mut spans = vec![Span::raw(" ".repeat(MARGIN))];
        for (place, (at, width)) in self.widths.iter().enumerate() {
            if place > 0 {
                spans.push(Span::raw(" ".repeat(GAP)));
            }
            let column = &table.columns[*at];
            let sign = match table.sort {
                Some((by, down)) if by == *at => model.theme.signs.sorted[usize::from(!down)],
                _ => "",
            };
            let name = format!("{}{sign}", column.title);
            let name = if column.right { text::right(&name, *width) } else { text::left(&name, *width) };
            let style = if sign.is_empty() { model.theme.muted } else { model.theme.accent };
            spans.push(Span::styled(name, style));
        }
        Line::from(spans)
    }

    fn row(&self, model: &Model, table: &Table, row: &Row, under_cursor: bool) -> Line<'static> {
        let theme = &model.theme;
        let marked = table.marked.contains(&row.key);
        let mut spans = vec![
            Span::styled(if under_cursor { theme.signs.cursor } else { " " }, theme.accent),
            Span::styled(if marked { theme.signs.mark } else { " " }, theme.warn),
        ];
        for (place, (at, width)) in self.widths.iter().enumerate() {
            if place > 0 {
                spans.push(Span::raw(" ".repeat(GAP)));
            }
            let Some(cell) = row.cells.get(*at) else { continue };
            spans.extend(shown(model, cell, *width, table.columns[*at].right, row.over));
        }
        Line::from(spans)
    }
}

/// How wide a column would like to be.
fn natural_width(model: &Model, table: &Table, seen: &[&Row], at: usize) -> usize {
    let column = &table.columns[at];
    let cells = seen.iter().filter_map(|row| row.cells.get(at)).map(|cell| natural(model, cell));
    let widest = cells.max().unwrap_or(0).max(text::width(column.title) + usize::from(column.right));
    let most = if column.most == 0 { usize::MAX } else { column.most };
    widest.clamp(column.least, most.max(column.least))
}

/// Makes columns fit: long names give first, then what weighs least, then names of any length. Numbers never give, a part
/// of a number is another number. False if they do not fit.
fn fit(table: &Table, widths: &mut [(usize, usize)], room: usize) -> bool {
    let flexible = |at: usize| table.columns[at].most == 0;
    let mut used: usize = widths.iter().map(|(_, width)| width + GAP).sum::<usize>().saturating_sub(GAP);
    for long in [true, false] {
        while used > room {
            let least = |at: usize| {
                let least = table.columns[at].least;
                if flexible(at) && long { least.max(COMFORTABLE) } else { least }
            };
            let is_giving = |at: usize| !table.columns[at].right && (!long || flexible(at));
            let spare = widths.iter_mut().filter(|(at, width)| is_giving(*at) && *width > least(*at));
            let Some((at, width)) = spare.min_by_key(|(at, _)| (table.columns[*at].weight, *at)) else {
                break;
            };
            let given = (*width - least(*at)).min(used - room);
            *width -= given;
            used -= given;
        }
    }
    if used > room {
        return false;
    }
    if let Some((_, width)) = widths.iter_mut().find(|(at, _)| flexible(*at)) {
        *width += room - used;
    }
    true
}

/// How wide a cell would like to be.
fn natural(model: &Model, cell: &Cell) -> usize {
    match &cell.show {
        Show::Text(text) => text::width(text),
        Show::Number(number) => text::number(*number).len(),
        Show::Share(part, whole) => text::compact(*part).len() + 1 + text::compact(*whole).len(),
        Show::Bar(..) => 12,
        Show::Since(at) => text::age(*at, model.minute()).len(),
        Show::At(_) => 21,
    }
}

fn shown(model: &Model, cell: &Cell, width: usize, right: bool, over: bool) -> Vec<Span<'static>> {
    let theme = &model.theme;
    let style = if over && cell.tone != Tone::Bad { theme.muted } else { theme.tone(cell.tone) };
    let flush = |text: &str| if right { text::right(text, width) } else { text::left(text, width) };
    match &cell.show {
        Show::Bar(part, whole) => bar(model, *part, *whole, width, style).into(),
        Show::Share(part, whole) => {
            let (part, whole) = (text::compact(*part), text::compact(*whole));
            let air = width.saturating_sub(part.len() + 1 + whole.len());
            vec![
                Span::raw(" ".repeat(air)),
                Span::styled(part, style),
                Span::styled(format!("/{whole}"), theme.muted),
            ]
        }
        Show::Text(text) => vec![Span::styled(flush(text), style)],
        Show::Number(number) => vec![Span::styled(flush(&text::number(*number)), style)],
        Show::Since(at) => vec![Span::styled(flush(&text::age(*at, model.minute())), style)],
        Show::At(at) => {
            let long = text::long_date(*at);
            let date = if long.len() > width { text::short_date(*at, model.minute()) } else { long };
            vec![Span::styled(flush(&date), style)]
        }
    }
}
