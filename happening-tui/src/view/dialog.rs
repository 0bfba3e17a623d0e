//! The dialog about a change: what will happen, as the daemon says, and two buttons.

use super::{pane, spinner, title, window, wrapped};
use crate::command::{Command, lessened};
use crate::layout;
use crate::model::{Dialog, DialogState, Foretold, Model, Overlay};
use crate::text;
use happening_core::wire::{BookingStatus, EventStatus, OrganizationStatus, ResizePlan, UserStatus};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// The widest that one reads at a glance.
const WIDEST: u16 = 84;

/// Changes and people that are named; of more only the number.
const MOST: usize = 8;

const CANCEL: &str = "[ Cancel ]";

/// Of what is refused: to what was filled in.
const BACK: &str = "[ Back ]";

pub fn draw(model: &Model, dialog: &Dialog, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let (frame_area, lines) = placed(model, dialog, area);
    let destructive = dialog.commands.iter().any(Command::is_destructive);
    let name = match dialog.state {
        DialogState::Trying => "Asking the daemon what would happen",
        DialogState::Ready(_) => "This will happen",
        DialogState::Refused(_) => "The daemon would refuse",
        DialogState::Running(_) => "Being done",
    };
    let style = if destructive { theme.bad } else { theme.strong };
    let inside = window(model, frame, frame_area, pane(model, title([Span::styled(name, style)]), true));
    frame.render_widget(Paragraph::new(lines), inside);
    let buttons = Rect { y: inside.bottom().saturating_sub(1), height: inside.height.min(1), ..inside };
    frame.render_widget(Paragraph::new(buttons_line(model, dialog)).right_aligned(), buttons);
}

/// Where the dialog is, and what it says.
fn placed(model: &Model, dialog: &Dialog, area: Rect) -> (Rect, Vec<Line<'static>>) {
    let width = WIDEST.min(area.width.saturating_sub(2));
    let lines = lines(model, dialog, usize::from(width.saturating_sub(2)));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    (layout::overlay(area, width, height), lines)
}

fn leave_label(dialog: &Dialog) -> &'static str {
    let is_refused = matches!(dialog.state, DialogState::Refused(_));
    if is_refused && dialog.form.is_some() { BACK } else { CANCEL }
}

fn confirm_label(dialog: &Dialog) -> String {
    let verb = dialog.commands.first().map_or("Do it", Command::verb);
    match dialog.commands.len() {
        0 | 1 => format!("[ {verb} ]"),
        count => format!("[ {verb}: {count} ]"),
    }
}

/// Whether the confirming button can be pressed.
fn is_ready(dialog: &Dialog) -> bool {
    matches!(&dialog.state, DialogState::Ready(foretold) if foretold.refused.len() < dialog.commands.len())
}

fn buttons_line(model: &Model, dialog: &Dialog) -> Line<'static> {
    let theme = &model.theme;
    let focused = |on: bool| if on { theme.selected.patch(theme.accent) } else { theme.muted };
    match &dialog.state {
        DialogState::Running(done) => {
            Line::styled(format!("{} {done} of {} ", spinner(model), dialog.commands.len()), theme.muted)
        }
        _ if is_ready(dialog) => Line::from(vec![
            Span::styled(CANCEL, focused(!dialog.on_confirm)),
            Span::raw("  "),
            Span::styled(confirm_label(dialog), focused(dialog.on_confirm)),
            Span::raw(" "),
        ]),
        _ => Line::from(vec![Span::styled(leave_label(dialog), focused(true)), Span::raw(" ")]),
    }
}

/// Whether a click is on the confirming button, or on the other.
pub fn button_at(model: &Model, area: Rect, at: Position) -> Option<bool> {
    let Some(Overlay::Dialog(dialog)) = &model.overlay else { return None };
    let inside = layout::inside(placed(model, dialog, area).0);
    if at.y + 1 != inside.bottom() || !inside.contains(at) {
        return None;
    }
    let from_right = usize::from(inside.right() - at.x);
    let confirm = if is_ready(dialog) { text::width(&confirm_label(dialog)) } else { 0 };
    if is_ready(dialog) && (2..=1 + confirm).contains(&from_right) {
        return Some(true);
    }
    let left = if is_ready(dialog) { confirm + 3 } else { 1 };
    (left + 1..=left + leave_label(dialog).len()).contains(&from_right).then_some(false)
}

fn lines(model: &Model, dialog: &Dialog, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = vec![Line::default()];
    for command in dialog.commands.iter().take(MOST) {
        lines.extend(indented(&command.about(), cells, theme.strong));
    }
    if dialog.commands.len() > MOST {
        let rest = text::number((dialog.commands.len() - MOST) as u64);
        lines.push(Line::styled(format!("  and {rest} more"), theme.muted));
    }
    lines.push(Line::default());
    match &dialog.state {
        DialogState::Trying => {
            lines.push(Line::styled(format!("  {} Nothing is changed yet", spinner(model)), theme.muted));
        }
        DialogState::Refused(trouble) => {
            let id = trouble.request_id.as_deref().map(|id| format!(" [request {}]", text::visible(id)));
            let what = format!("{}{}", text::sentence(&text::visible(&trouble.what)), id.unwrap_or_default());
            lines.extend(indented(&what, cells, theme.bad));
            if let Some(advice) = trouble.advice {
                lines.extend(indented(&text::sentence(advice), cells, theme.text));
            }
        }
        DialogState::Ready(foretold) => lines.extend(told(model, dialog, foretold, cells)),
        DialogState::Running(_) => {}
    }
    lines
}

fn indented(said: &str, cells: usize, style: Style) -> Vec<Line<'static>> {
    wrapped(said, cells.saturating_sub(3), style)
        .map(|line| Line::styled(format!("  {line}"), style))
        .collect()
}

/// What the daemon says would happen.
fn told(model: &Model, dialog: &Dialog, foretold: &Foretold, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = Vec::new();
    for refused in foretold.refused.iter().take(MOST) {
        lines.extend(indented(
            &format!("{} {}", theme.signs.error, text::visible(&refused.line())),
            cells,
            theme.bad,
        ));
    }
    for (command, answer) in dialog.commands.iter().zip(&foretold.answers).take(MOST) {
        lines.extend(indented(&said(model, command, answer).unwrap_or_default(), cells, theme.text));
    }
    lines.extend(
        dialog
            .commands
            .iter()
            .filter_map(|command| concerned(model, command))
            .flat_map(|who| indented(&who, cells, theme.warn)),
    );
    if let Some(plan) = &foretold.plan {
        lines.extend(planned(model, plan, cells));
    }
    lines.extend(promoted(model, dialog, foretold, cells));
    lines.retain(|line| line.width() > 2);
    if lines.is_empty() {
        lines.push(Line::styled("  The daemon has tried it: it would be done.", theme.muted));
    }
    lines
}

/// Who would get which seats.
fn served(model: &Model, answer: &serde_json::Value) -> Option<String> {
    // What was only tried has no ids for bookings that it would make.
    let served = answer["promoted"].as_array()?;
    if served.is_empty() {
        return Some("Nobody could be served with what is free".to_owned());
    }
    let each = |one: &serde_json::Value| {
        let seats: Vec<u32> = serde_json::from_value(one["seats"].clone()).ok()?;
        let who = serde_json::from_value(one["user_id"].clone()).ok().map(|id| model.data.person(id))?;
        let rest = one["rest"].as_u64().filter(|rest| *rest > 0);
        let rest = rest.map(|rest| format!(" and waits for {rest} more")).unwrap_or_default();
        Some(format!("{who} would get {}{rest}", text::named_seats(&seats)))
    };
    let named: Vec<String> = served.iter().take(MOST).filter_map(each).collect();
    let more = served.len().saturating_sub(MOST);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Some(named.join("; ") + &more)
}

/// What one answer means.
fn said(model: &Model, command: &Command, answer: &serde_json::Value) -> Option<String> {
    match command {
        Command::Book { who, .. } => {
            // What was only tried has no id, so it is no whole booking.
            let seats: Option<Vec<u32>> = serde_json::from_value(answer["assigned_seats"].clone()).ok();
            let count = text::count(answer["seats"].as_u64()?, "seat", "seats");
            Some(match (answer["status"].as_str()?, seats) {
                ("waiting", _) => format!("Not enough seats are free: {who} would wait for {count}"),
                (_, Some(seats)) => format!("{who} would get {}", text::named_seats(&seats)),
                _ => format!("{who} would get {count}"),
            })
        }
        Command::Promote(_) | Command::Serve { .. } => Some(served(model, answer)?),
        Command::Cancel(booking) => lessened(&booking.who, answer),
        Command::CancelSeats(booking, wanted) => {
            let cancelled = answer["cancelled"].as_u64()?;
            let only = (cancelled < wanted.len() as u64).then(|| {
                format!("Only {} of these are the booking's", text::count(cancelled, "seat", "seats"))
            });
            let said: Vec<String> = only.into_iter().chain(lessened(&booking.who, answer)).collect();
            (!said.is_empty()).then(|| said.join(". "))
        }
        Command::Transfer { who, .. } => Some(if answer["offer"].is_null() {
            format!("{who} owns it at once")
        } else {
            format!("It is offered: {who} becomes the owner by accepting")
        }),
        Command::MapServiceAccount { .. } => Some(if answer["pending"] == true {
            "It is asked, and has the role once it accepts with its own credentials".to_owned()
        } else {
            "It has the role at once".to_owned()
        }),
        Command::Heal(_) => {
            let drifts = answer["drifts"].as_array()?;
            let fixable = drifts.iter().filter(|drift| drift["fixable"] == true).count();
            let more = if answer["truncated"] == true { ", and there is more to compare" } else { "" };
            Some(format!(
                "{} found, {} would be healed{more}",
                text::count(drifts.len() as u64, "drift", "drifts"),
                text::number(fixable as u64)
            ))
        }
        _ => None,
    }
}

/// Whom the end of an event, or a suspension, concerns.
fn concerned(model: &Model, command: &Command) -> Option<String> {
    let event = match command {
        Command::SetUserStatus { status: UserStatus::Suspended, who, .. } => {
            return Some(format!("{who} leaves every waitlist, which is final, and keeps what is booked"));
        }
        Command::UpdateEvent { update, .. } if update.sales_paused == Some(true) => {
            let until = "New bookings and holds are refused until sales are resumed";
            return Some(format!("{until}; cancellations and the waitlist go on"));
        }
        Command::SetOrganizationStatus { status: OrganizationStatus::Suspended, organization, .. } => {
            let found = model.data.organizations.iter().find(|one| one.id == *organization)?;
            let members = text::count(found.member_count, "member", "members");
            return Some(format!("{members} can still cancel what is their own there, and nothing else"));
        }
        Command::DeleteEvent { event, .. } => *event,
        Command::UpdateEvent { event, update, .. } if update.status == Some(EventStatus::Cancelled) => *event,
        _ => return None,
    };
    let event = model.data.event(event)?;
    let booked = event.total_slots.saturating_sub(event.available_slots);
    Some(format!(
        "{} booked, {} waiting: those people are told",
        text::count(booked, "seat is", "seats are"),
        text::count(event.waiting, "party is", "parties are")
    ))
}

fn planned(model: &Model, plan: &ResizePlan, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    if let Some(refusal) = plan.refusal.as_ref().filter(|_| !plan.allowed) {
        return indented(&text::visible(refusal), cells, theme.bad);
    }
    let seats = format!(
        "{} seats become {}; free {} become {}; waiting {} become {}",
        text::number(plan.total_slots.from),
        text::number(plan.total_slots.to),
        text::number(plan.available_slots.from),
        text::number(plan.available_slots.to),
        text::number(plan.waiting.from),
        text::number(plan.waiting.to),
    );
    indented(&seats, cells, theme.text)
}

/// Who would be served from the waitlist, and with which seats.
fn promoted(model: &Model, dialog: &Dialog, foretold: &Foretold, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = Vec::new();
    for (name, one) in foretold.promoted.iter().take(MOST) {
        let rest = if one.rest > 0 { format!(", and waits for {} more", one.rest) } else { String::new() };
        let passes = if one.passes_head { ", before the head of the line" } else { "" };
        let seats = match &one.assigned_seats[..] {
            // A daemon that does not say which.
            [] => text::count(one.seats, "seat", "seats"),
            seats => text::named_seats(seats),
        };
        let what = format!("{} {name} is promoted to {seats}{rest}{passes}", theme.signs.into);
        lines.extend(indented(&what, cells, theme.good));
    }
    if foretold.promoted.len() > MOST {
        let rest = text::number((foretold.promoted.len() - MOST) as u64);
        lines.push(Line::styled(format!("  and {rest} more are promoted"), theme.muted));
    }
    for (name, one) in foretold.too_large.iter().take(MOST) {
        let seats = text::count(one.seats, "seat", "seats");
        let what = format!(
            "{} {name} waits for {seats}, more than there would be: others are served first",
            theme.signs.error
        );
        lines.extend(indented(&what, cells, theme.warn));
    }
    if lines.is_empty()
        && let Some(nobody) = dialog.commands.iter().find_map(|command| nobody(command, foretold.unseen))
    {
        lines.extend(indented(nobody, cells, theme.muted));
    }
    lines
}

/// Why nobody is promoted by a command that one might expect it of.
fn nobody(command: &Command, unseen: bool) -> Option<&'static str> {
    match command {
        Command::Cancel(booking) if booking.status == BookingStatus::Waiting => None,
        Command::Cancel(_) | Command::CancelSeats(..) if unseen => {
            Some("Seats go to those who wait first; who that is, is not for you to see")
        }
        Command::Cancel(_) | Command::CancelSeats(..) => Some("Nobody waits for these seats: they come free"),
        Command::Move(..) => Some("Nobody is promoted: as many seats come free as are taken"),
        Command::DeleteEvent { .. } => Some("Nobody is promoted: the event gives no seats any more"),
        Command::UpdateEvent { update, .. } if update.status == Some(EventStatus::Cancelled) => {
            Some("Nobody is promoted: the event gives no seats any more")
        }
        _ => None,
    }
}
