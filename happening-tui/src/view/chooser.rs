//! A list to choose from: the menu, the palette, columns, daemons.

use super::{pane, place, title, window};
use crate::layout;
use crate::model::{Chooser, ChooserKind, Item, Model, Then};
use crate::text;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Cells for keys, or the kind of a thing.
const NOTE: usize = 18;

pub fn draw(model: &Model, chooser: &Chooser, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let (area, rows) = layout::chooser_rows(area);
    let name = match chooser.kind {
        ChooserKind::Menu => "What can be done here",
        ChooserKind::Palette => "Go to, or do",
        ChooserKind::Sort(_) => "Sort by (again turns the order around)",
        ChooserKind::Columns(_) => "Columns (space ticks)",
        ChooserKind::Contexts => "Daemons",
    };
    let all = chooser.shown.len();
    let mut block = pane(model, title([Span::styled(name, theme.strong)]), true);
    if all > rows {
        let last = (chooser.top + rows).min(all);
        block = block.title_bottom(place(model, chooser.top + 1, last, all).right_aligned());
    }
    let inside = window(model, frame, area, block);
    let cells = usize::from(inside.width);
    let typed = Line::from(vec![
        Span::styled(" : ", theme.accent),
        Span::styled(text::cut(&text::visible(&chooser.text), cells.saturating_sub(5)), theme.strong),
        Span::styled("▏", theme.accent),
    ]);
    if !matches!(chooser.kind, ChooserKind::Sort(_) | ChooserKind::Columns(_)) {
        frame.render_widget(typed, Rect { height: 1, ..inside });
    }
    let list = chooser.shown.iter().enumerate().skip(chooser.top).take(rows);
    for ((at, item), y) in list.zip(inside.y + 2..inside.bottom()) {
        let row = Rect { y, height: 1, ..inside };
        let here = at == chooser.cursor;
        let Some(item) = chooser.items.get(*item) else { continue };
        frame.render_widget(line(model, chooser, item, here, cells), row);
        if here {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
    if all == 0 {
        let nothing = Line::styled("   nothing like that", theme.muted);
        frame.render_widget(nothing, Rect { y: inside.y + 2, height: inside.height.min(1), ..inside });
    }
}

fn line(model: &Model, chooser: &Chooser, item: &Item, here: bool, cells: usize) -> Line<'static> {
    let theme = &model.theme;
    let ticked = match (chooser.kind, &item.then) {
        (ChooserKind::Columns(pane), Ok(Then::Column(at))) => {
            let hidden = model.table_of(pane).is_some_and(|table| table.hidden.contains(at));
            if hidden { "[ ] " } else { "[x] " }
        }
        _ => "",
    };
    let note = NOTE.min(cells / 4);
    let why = item.then.as_ref().err().map(|why| format!(" ({why})")).unwrap_or_default();
    let what = format!("{ticked}{}{why}", item.text);
    let style = if item.then.is_err() { theme.muted } else { theme.text };
    Line::from(vec![
        Span::styled(if here { theme.signs.cursor } else { " " }, theme.accent),
        Span::styled(format!(" {}", text::left(&item.note, note)), theme.accent),
        Span::styled(format!(" {}", text::left(&what, cells.saturating_sub(note + 4))), style),
    ])
}
