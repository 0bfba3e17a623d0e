//! The line on top: brand, place, who is signed in where, and how fresh it all is.

use super::spinner;
use crate::model::{Freshness, Model, Screen};
use crate::text;
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let mut left =
        vec![Span::styled(format!(" {} Happening ", theme.signs.brand), theme.brand), Span::raw(" ")];
    let places = place(model);
    for (i, place) in places.iter().enumerate() {
        let last = i + 1 == places.len();
        left.push(Span::styled(place.clone(), if last { theme.strong } else { theme.muted }));
        if !last {
            left.push(Span::styled(format!(" {} ", theme.signs.into), theme.faint));
        }
    }
    let left = Line::from(left);
    let room = usize::from(area.width).saturating_sub(left.width() + 2);
    frame.render_widget(Paragraph::new(left), area);
    frame.render_widget(Paragraph::new(right(model, room)).alignment(Alignment::Right), area);
}

/// Where the person is, from the outside to the inside.
fn place(model: &Model) -> Vec<String> {
    if model.signin.is_some() {
        return vec!["Sign in".to_owned()];
    }
    let mut places = vec![model.screen.title().to_owned()];
    match (model.screen, &model.event) {
        (Screen::Event, Some(event)) => {
            places = vec!["Events".to_owned(), text::cut(&model.data.event_name(event.id), 28)];
        }
        _ if model.screen.panes().len() > 1 => places.push(model.pane().title().to_owned()),
        _ => {}
    }
    places
}

/// Who, where, how fresh; what does not fit goes, the least needed first.
fn right(model: &Model, room: usize) -> Line<'_> {
    let theme = &model.theme;
    let dot = || Span::styled(format!(" {} ", theme.signs.dot), theme.faint);
    let server = text::visible(server_name(&model.server));
    let who = model.who.as_ref().map(|who| {
        let role = if who.is_staff() { format!(" ({})", who.role()) } else { String::new() };
        let only = if model.options.read_only { ", read-only" } else { "" };
        format!("{}{role}{only}", text::visible(&who.name))
    });
    let fresh = freshness(model);
    let candidates = [
        who.as_ref().map(|who| {
            vec![Span::styled(who.clone(), theme.text), dot(), Span::styled(server.clone(), theme.muted)]
        }),
        who.as_ref().map(|who| vec![Span::styled(text::cut(who, 20), theme.text)]),
        who.is_none().then(|| vec![Span::styled(server, theme.muted)]),
        Some(Vec::new()),
    ];
    for mut spans in candidates.into_iter().flatten() {
        if let Some(fresh) = &fresh {
            if !spans.is_empty() {
                spans.push(Span::raw("  "));
            }
            spans.push(fresh.clone());
        }
        spans.push(Span::raw(" "));
        let line = Line::from(spans);
        if line.width() <= room {
            return line;
        }
    }
    Line::default()
}

fn server_name(server: &str) -> &str {
    server.trim_start_matches("http://").trim_start_matches("https://").trim_end_matches('/')
}

fn freshness(model: &Model) -> Option<Span<'static>> {
    let theme = &model.theme;
    Some(match model.freshness()? {
        Freshness::Loading => Span::styled(format!("{} loading", spinner(model)), theme.muted),
        Freshness::Live => Span::styled(format!("{} live", theme.signs.live), theme.good),
        Freshness::Stale(age, _) => {
            Span::styled(format!("{} {} ago", theme.signs.stale, text::span(age)), theme.warn)
        }
        Freshness::Absent(_) => Span::styled(format!("{} no answer", theme.signs.stale), theme.warn),
    })
}
