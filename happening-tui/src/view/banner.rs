//! Under the header: why what is shown is old, and the errors that nobody has dismissed yet.

use crate::layout::{Shape, shape};
use crate::model::{Freshness, Model, Notice};
use crate::text;
use crate::trouble::TroubleKind;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Errors that are shown at once.
const AT_ONCE: usize = 2;

/// Lines that one of them may have.
const LONGEST: usize = 2;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    if !area.is_empty() {
        let lines = lines(model, frame.area());
        frame.render_widget(Paragraph::new(lines), area);
    }
}

/// The lines, as many as there are to tell. An error comes before a reason: it waits for the person.
pub fn lines(model: &Model, area: Rect) -> Vec<Line<'_>> {
    if shape(area) == Shape::Card {
        return Vec::new();
    }
    let cells = usize::from(area.width);
    let rest = model.notices.len().saturating_sub(AT_ONCE);
    let mut lines = Vec::new();
    for (i, notice) in model.notices.iter().take(AT_ONCE).enumerate() {
        let more = if i + 1 == AT_ONCE { rest } else { 0 };
        lines.extend(error(model, notice, more, cells));
    }
    lines.extend(reason(model, cells));
    lines
}

/// An error in as many lines as it takes, within reason.
fn error<'a>(model: &Model, notice: &Notice, more: usize, cells: usize) -> Vec<Line<'a>> {
    let theme = &model.theme;
    let times = if notice.times > 1 { format!(" (×{})", notice.times) } else { String::new() };
    let id = notice.trouble.request_id.as_deref().map(|id| format!(" [request {}]", text::visible(id)));
    let more = if more > 0 { format!(" (+{more} more)") } else { String::new() };
    let what = text::sentence(&text::visible(&notice.trouble.line()));
    let what = format!("{what}{times}{}{more}", id.unwrap_or_default());
    let (sign, style) = match notice.trouble.kind {
        TroubleKind::Warning => (theme.signs.stale, theme.warn),
        _ => (theme.signs.error, theme.bad),
    };
    let mut parts = text::wrap(&what, cells.saturating_sub(4));
    if parts.len() > LONGEST {
        let rest = parts.split_off(LONGEST - 1).join(" ");
        parts.push(text::cut(&rest, cells.saturating_sub(4)));
    }
    let signs = std::iter::once(sign).chain(std::iter::repeat(" "));
    parts.into_iter().zip(signs).map(|(part, sign)| Line::styled(format!(" {sign} {part}"), style)).collect()
}

fn reason<'a>(model: &Model, cells: usize) -> Option<Line<'a>> {
    let theme = &model.theme;
    let Freshness::Stale(_, trouble) = model.freshness()? else {
        return None;
    };
    let why = match trouble {
        // It stands above already, as an error.
        Some(trouble) if model.notices.iter().any(|notice| notice.trouble.what == trouble.what) => {
            return None;
        }
        Some(trouble) => text::visible(&trouble.what),
        None => "The daemon has not answered since".to_owned(),
    };
    let tail = "; trying again";
    let why = text::cut(&text::sentence(&why), cells.saturating_sub(4 + tail.len()));
    Some(Line::from(vec![
        Span::styled(format!(" {} ", theme.signs.stale), theme.warn),
        Span::styled(why, theme.warn),
        Span::styled(tail, theme.muted),
    ]))
}
