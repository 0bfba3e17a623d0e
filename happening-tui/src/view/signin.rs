//! Signing in: a card with the code, the address, and what is being waited for.

use super::{spinner, wrapped};
use crate::model::{DeviceCode, Model, SignInScreen, SignInState};
use crate::text;
use crate::theme::Look;
use crate::trouble::{Trouble, TroubleKind};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// The card is no wider than what one reads at a glance.
const WIDEST: u16 = 72;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let Some(signin) = &model.signin else { return };
    let width = area.width.min(WIDEST);
    let mut lines = lines(model, signin, usize::from(width), true);
    let code = picture(model, signin).unwrap_or_default();
    if !code.is_empty() && lines.len() + code.len() < usize::from(area.height) {
        lines.extend(code);
    } else if lines.len() > usize::from(area.height) {
        lines = self::lines(model, signin, usize::from(width), false);
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    // A little above the middle is where the eye takes the middle to be.
    let above = (area.height - height) * 2 / 5;
    let card = Rect { x: area.x + (area.width - width) / 2, y: area.y + above, width, height };
    frame.render_widget(Paragraph::new(lines).alignment(Alignment::Center), card);
}

/// The card; where there is little room, without what can be done without.
fn lines<'a>(model: &'a Model, signin: &'a SignInScreen, cells: usize, roomy: bool) -> Vec<Line<'a>> {
    let theme = &model.theme;
    let mut lines = Vec::new();
    if let Some(because) = &signin.because {
        let because = format!("Your session has ended: {}", text::visible(because));
        lines.extend(wrapped(&because, cells, theme.warn));
        lines.push(Line::default());
    }
    lines.push(Line::from(vec![
        Span::styled("Sign in to ", theme.muted),
        Span::styled(text::visible(&model.server), theme.text),
    ]));
    lines.push(Line::default());
    lines.extend(match &signin.state {
        SignInState::Looking => vec![waiting(model, "Looking for a session")],
        SignInState::Waiting(code) => device_code(model, code, cells, roomy),
        SignInState::Denied => over(model, "Denied", "The sign-in was turned down in the browser.", cells),
        SignInState::Expired => over(model, "Expired", "Nobody approved the code in time.", cells),
        SignInState::Failed(trouble, _) if trouble.kind == TroubleKind::Away => away(model, trouble, cells),
        SignInState::Failed(trouble, _) => over(model, "This did not work", &told(trouble), cells),
    });
    if !roomy {
        lines.retain(|line| line.width() > 0);
    }
    lines
}

fn device_code<'a>(model: &'a Model, code: &DeviceCode, cells: usize, roomy: bool) -> Vec<Line<'a>> {
    let theme = &model.theme;
    let grouped = text::cut(&text::grouped(&code.code), cells.saturating_sub(10));
    let mut lines = vec![Line::styled("Open this address in any browser", theme.muted)];
    lines.extend(wrapped(&text::visible(&code.address), cells, theme.accent));
    lines.push(Line::default());
    lines.push(Line::styled("and enter this code", theme.muted));
    if roomy {
        lines.extend(framed(model, &grouped));
    } else {
        lines.push(Line::styled(grouped, theme.strong));
    }
    if let Some(address) = code.address_with_code.as_ref().filter(|_| roomy) {
        lines.push(Line::styled("or open this one and compare the code", theme.muted));
        lines.extend(wrapped(&text::visible(address), cells, theme.text));
    }
    lines.push(Line::default());
    let left = text::countdown(code.expires_at - model.now);
    lines.push(waiting(model, &format!("Waiting for approval {} {left} left", theme.signs.dot)));
    lines
}

/// The address as a picture for a telephone: dark on light, whatever the theme, which is what telephones read.
fn picture(model: &Model, signin: &SignInScreen) -> Option<Vec<Line<'static>>> {
    let SignInState::Waiting(DeviceCode { address_with_code: Some(address), .. }) = &signin.state else {
        return None;
    };
    let theme = &model.theme;
    if theme.signs.levels[8] != "█" {
        return None;
    }
    let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
    let drawn = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    let coloured = Style::new().fg(Color::White).bg(Color::Black);
    let style = if theme.look == Look::Plain { theme.text } else { coloured };
    Some(
        std::iter::once(Line::default())
            .chain(drawn.lines().map(|line| Line::styled(line.to_owned(), style)))
            .collect(),
    )
}

fn framed(model: &Model, code: &str) -> [Line<'static>; 3] {
    let (theme, border) = (&model.theme, model.theme.signs.border);
    let edge = |left: &str, fill: &str, right: &str| {
        let edge = format!("{left}{}{right}", fill.repeat(text::width(code) + 6));
        Line::styled(edge, theme.border_focused)
    };
    let side = |side: String| Span::styled(side, theme.border_focused);
    [
        edge(border.top_left, border.horizontal_top, border.top_right),
        Line::from(vec![
            side(format!("{}   ", border.vertical_left)),
            Span::styled(code.to_owned(), theme.strong),
            side(format!("   {}", border.vertical_right)),
        ]),
        edge(border.bottom_left, border.horizontal_bottom, border.bottom_right),
    ]
}

fn waiting<'a>(model: &'a Model, what: &str) -> Line<'a> {
    Line::from(vec![
        Span::styled(spinner(model), model.theme.accent),
        Span::styled(format!(" {what}"), model.theme.muted),
    ])
}

/// It is over, and only the person can begin it again.
fn over<'a>(model: &'a Model, what: &str, why: &str, cells: usize) -> Vec<Line<'a>> {
    let theme = &model.theme;
    let mut lines = vec![Line::styled(format!("{} {what}", theme.signs.error), theme.bad)];
    lines.extend(wrapped(why, cells, theme.text));
    lines.extend([Line::default(), retry(model)]);
    lines
}

/// Nobody answers; it goes on by itself.
fn away<'a>(model: &'a Model, trouble: &Trouble, cells: usize) -> Vec<Line<'a>> {
    let theme = &model.theme;
    let mut lines = vec![Line::styled(format!("{} No answer", theme.signs.stale), theme.warn)];
    lines.extend(wrapped(&told(trouble), cells, theme.text));
    lines.push(Line::default());
    let next = "`happening-daemon serve` starts one; --server names another.";
    lines.extend(wrapped(next, cells, theme.muted));
    lines.extend([Line::default(), waiting(model, "Trying again every 2 s")]);
    lines
}

fn told(trouble: &Trouble) -> String {
    let id = trouble.request_id.as_deref().map(|id| format!(" [request {id}]"));
    text::sentence(&text::visible(&format!("{}{}", trouble.what, id.unwrap_or_default())))
}

fn retry(model: &Model) -> Line<'_> {
    Line::from(vec![Span::styled("r", model.theme.accent), Span::styled(" sign in again", model.theme.muted)])
}
