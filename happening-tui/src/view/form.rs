//! A form.

use super::{pane, title, window};
use crate::layout;
use crate::model::{FieldKind, Form, Model};
use crate::text;
use crate::update::forms::{SUGGESTIONS, nobody_found, suggestions};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Cells for the names of fields.
const LABEL: usize = 16;

/// Where the form is: a line for each field, what is said of the one with the keys, and people that were found.
fn placed(area: Rect, form: &Form) -> Rect {
    let people = form.fields.iter().any(|field| matches!(field.kind, FieldKind::Person(_)));
    let lines = form.fields.len() + 6 + if people { SUGGESTIONS } else { 0 };
    layout::overlay(area, 84, u16::try_from(lines).unwrap_or(u16::MAX))
}

/// The first field on the screen: where there is little room the one with the keys stays in sight.
fn first(form: &Form, inside: Rect) -> usize {
    let room = usize::from(inside.height.saturating_sub(4)).max(1);
    (form.at + 1).saturating_sub(room)
}

/// The field under the mouse.
pub fn field_at(area: Rect, form: &Form, at: Position) -> Option<usize> {
    let inside = layout::inside(placed(area, form));
    let row = at.y.checked_sub(inside.y + 1)?;
    let field = usize::from(row) + first(form, inside);
    (inside.contains(at) && field < form.fields.len()).then_some(field)
}

pub fn draw(model: &Model, form: &Form, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let area = placed(area, form);
    let cells = usize::from(layout::inside(area).width);
    let name = text::cut(&form.title, cells.saturating_sub(4));
    let inside = window(model, frame, area, pane(model, title([Span::styled(name, theme.strong)]), true));
    let mut lines = vec![Line::default()];
    for (at, field) in form.fields.iter().enumerate().skip(first(form, inside)) {
        let here = at == form.at;
        let room = cells.saturating_sub(LABEL + 6);
        let shown = text::visible(&field.text);
        // Of a long text the end is what is being typed.
        let width = text::width(&shown);
        let shown = if here && width > room {
            let end: String = shown
                .chars()
                .rev()
                .take(room.saturating_sub(1))
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            text::cut(&format!("…{end}"), room)
        } else {
            text::cut(&shown, room)
        };
        let value = match &field.kind {
            FieldKind::Choice(_) if here => format!("‹ {shown} ›"),
            FieldKind::Person(Some(_)) => format!("{} {shown}", theme.signs.picked),
            _ => shown,
        };
        let mut line = Line::from(vec![
            Span::styled(
                if here { format!(" {} ", theme.signs.cursor) } else { "   ".to_owned() },
                theme.accent,
            ),
            Span::styled(text::left(field.label, LABEL), if here { theme.accent } else { theme.muted }),
            Span::styled(value, if here { standing(model, form) } else { theme.text }),
        ]);
        if here && !matches!(field.kind, FieldKind::Choice(_)) {
            line.push_span(Span::styled("▏", theme.accent));
        }
        lines.push(line);
    }
    lines.push(Line::default());
    if let Some(error) = &form.error {
        let error = text::sentence(&text::visible(error));
        lines.push(Line::styled(
            format!("   {} {}", theme.signs.error, text::cut(&error, cells.saturating_sub(6))),
            theme.bad,
        ));
    } else if let Some(field) = form.field() {
        lines.push(Line::styled(
            format!("   {}", text::cut(field.help, cells.saturating_sub(4))),
            theme.muted,
        ));
    }
    lines.extend(people(model, form, cells));
    frame.render_widget(Paragraph::new(lines), inside);
}

/// What stands in the field with the keys; marked where it gives way to what is typed.
fn standing(model: &Model, form: &Form) -> Style {
    let theme = &model.theme;
    if form.gives_way() { theme.strong.patch(theme.selected) } else { theme.strong }
}

/// People that were found for the field with the keys.
fn people(model: &Model, form: &Form, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let chosen = match form.field().map(|field| &field.kind) {
        Some(FieldKind::Person(chosen)) => chosen.as_ref().map(|(id, _)| *id),
        _ => return Vec::new(),
    };
    let nobody =
        nobody_found(model).map(|said| Line::styled(text::cut(&format!("     {said}"), cells), theme.muted));
    suggestions(model)
        .iter()
        .map(|person| {
            let here = chosen == Some(person.id);
            let names = [person.first_name.as_deref(), person.last_name.as_deref()];
            let names: Vec<&str> = names.into_iter().flatten().collect();
            let who = format!(
                "   {} {}  {}  {}",
                if here { theme.signs.picked } else { " " },
                text::visible(&person.username),
                text::visible(&names.join(" ")),
                text::visible(&person.email)
            );
            Line::styled(text::cut(&who, cells), if here { theme.strong } else { theme.text })
        })
        .chain(nobody)
        .collect()
}
