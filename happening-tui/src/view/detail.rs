//! More about what is under the cursor.

use super::{pane, prose, title};
use crate::layout;
use crate::model::data::of;
use crate::model::{Model, Pane, RowKey, Seat};
use crate::text;
use happening_core::id::BookingId;
use happening_core::wire::{AuditRecord, BookingStatus, HistoryEntry, ParkedMessage, WhyWaiting};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let cells = usize::from(layout::inside(area).width);
    let (name, lines) = about(model, cells);
    let block = pane(model, title([Span::styled(name, model.theme.strong)]), false);
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

type Said = (String, Vec<Line<'static>>);

fn about(model: &Model, cells: usize) -> Said {
    let key = model.table().and_then(|table| table.key());
    match (model.pane(), key) {
        (Pane::Seats, _) => seat(model, cells),
        (
            Pane::Line | Pane::Parties | Pane::EventBookings | Pane::PersonBookings,
            Some(RowKey::Booking(id)),
        ) => booking(model, *id, cells),
        (Pane::Told, Some(RowKey::Notification(id))) => {
            let person = model.selected_person(Pane::People);
            let told = person.and_then(|person| of(&model.data.told, &person));
            let told = told.and_then(|told| told.iter().find(|one| one.id == *id));
            let lines = told.map(|one| prose(&one.message, cells, model.theme.text)).unwrap_or_default();
            ("What was told".to_owned(), lines)
        }
        (Pane::People | Pane::PersonBookings, Some(RowKey::Person(_))) => {
            let booking = model.table_of(Pane::PersonBookings).and_then(|table| table.key());
            match booking {
                Some(RowKey::Booking(id)) => booking_of(model, *id, cells),
                _ => nothing(model, "A person's bookings stand on the right: `tab` goes there"),
            }
        }
        (Pane::WaitingEvents, _) => match model.table_of(Pane::Parties).and_then(|table| table.key()) {
            Some(RowKey::Booking(id)) => booking(model, *id, cells),
            _ => nothing(model, "`tab` goes to who waits, and says why"),
        },
        (Pane::Parked, Some(RowKey::Parked(id))) => {
            match model.data.parked.iter().find(|one| one.id == *id) {
                Some(parked) => ("Parked".to_owned(), about_parked(model, parked, cells)),
                None => nothing(model, ""),
            }
        }
        (Pane::Undelivered, Some(RowKey::Notification(id))) => {
            let told = model.data.undelivered.iter().find(|one| one.id == *id);
            let lines = told.map(|one| {
                let mut lines = prose(&one.message, cells, model.theme.text);
                if let Some(reason) = &one.reason {
                    lines.extend(prose(reason, cells, model.theme.bad));
                }
                lines.push(Line::styled(format!(" notification {id}"), model.theme.muted));
                lines
            });
            ("Not delivered".to_owned(), lines.unwrap_or_default())
        }
        (Pane::Audit, Some(RowKey::Number(id))) => match model.data.audit.iter().find(|one| one.id == *id) {
            Some(record) => ("Entry".to_owned(), about_entry(model, record, cells)),
            None => nothing(model, ""),
        },
        (Pane::Log, Some(RowKey::Number(id))) => call(model, *id, cells),
        _ => nothing(model, ""),
    }
}

fn nothing(model: &Model, hint: &'static str) -> Said {
    ("Details".to_owned(), vec![Line::styled(format!(" {hint}"), model.theme.faint)])
}

/// Who sits on the seat under the cursor.
fn seat(model: &Model, cells: usize) -> Said {
    let theme = &model.theme;
    let Some(event) = &model.event else { return nothing(model, "") };
    let number = event.number();
    let name = format!("Seat {}", text::number(number));
    let line = |word: &str, style| Line::styled(format!(" {word}"), style);
    match event.seat() {
        None => (name, vec![line("there is none", theme.muted)]),
        Some(Seat::Free) => {
            let hint = "space picks it, b books what is picked for a person";
            (name, vec![line("free", theme.good), line(hint, theme.faint)])
        }
        Some(Seat::Held) => (name, vec![line("somebody is picking it", theme.warn)]),
        Some(Seat::Taken) => match model.target_booking() {
            None => (
                name,
                vec![
                    line("taken", theme.text),
                    line("by whom is not known, or not for you to see", theme.faint),
                ],
            ),
            Some(found) => {
                let (_, mut lines) = booking_of(model, found.id, cells);
                let who = format!(" {} {} {}", found.who, theme.signs.dot, crate::command::seats_of(&found));
                lines.insert(0, Line::styled(text::cut(&who, cells), theme.strong));
                lines.insert(1, line("c cancel · s some seats · m move · v person", theme.faint));
                (name, lines)
            }
        },
    }
}

fn booking(model: &Model, id: BookingId, cells: usize) -> Said {
    let status = model.target_booking().map(|booking| booking.status);
    match of(&model.data.why, &id) {
        Some(why) if status != Some(BookingStatus::Confirmed) && why.status == BookingStatus::Waiting => {
            ("Why it is not their turn".to_owned(), why_waiting(model, why, cells))
        }
        _ => booking_of(model, id, cells),
    }
}

fn why_waiting(model: &Model, why: &WhyWaiting, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = prose(&why.explanation, cells, model.theme.text);
    let ahead = text::count(why.parties_ahead, "party", "parties");
    let seats = text::count(why.seats_ahead, "seat", "seats");
    let mut facts = vec![format!("{ahead} ahead, {seats}")];
    let next = |count: u64| match count {
        1 => "the next seat that comes free".to_owned(),
        _ => format!("the next {} seats that come free at once", text::number(count)),
    };
    let first = why.first_seats_after.filter(|first| why.must_come_free != Some(*first));
    facts.extend(first.map(|first| format!("some with {}", next(first))));
    facts.extend(why.must_come_free.map(|all| format!("all with {}", next(all))));
    if why.head_passed > 0 {
        facts.push(format!("the head was passed {} of {} times", why.head_passed, why.bypass_limit));
    }
    lines.extend(prose(&facts.join(" · "), cells, theme.muted));
    lines
}

/// A booking with its history.
fn booking_of(model: &Model, id: BookingId, cells: usize) -> Said {
    let theme = &model.theme;
    let Some((booking, history)) = of(&model.data.booking, &id) else {
        return ("Booking".to_owned(), vec![Line::styled(format!(" {id}"), theme.muted)]);
    };
    let what = match booking.assigned_seats.as_deref() {
        Some(seats) if !seats.is_empty() => text::named_seats(seats),
        _ => text::count(booking.seats, "seat", "seats"),
    };
    let head = format!(" {} {} {what} {} {id}", booking.status, theme.signs.dot, theme.signs.dot);
    let mut lines = vec![Line::styled(text::cut(&head, cells), theme.text)];
    lines.extend(history.iter().rev().map(|entry| history_line(model, entry, cells)));
    ("History".to_owned(), lines)
}

/// What happened to a booking, in words.
fn happened(entry: &HistoryEntry) -> String {
    let seats = text::count(entry.seats, "seat", "seats");
    match entry.action.as_str() {
        "lessened" => format!("waits for {seats} less"),
        "left_waitlist" => format!("left the waitlist, {seats}"),
        "outgrown" => format!("waits for more than the event has: {seats}"),
        "seats_cancelled" => format!("gave back {seats}"),
        other => format!("{} {seats}", text::visible(&other.replace('_', " "))),
    }
}

fn history_line(model: &Model, entry: &HistoryEntry, cells: usize) -> Line<'static> {
    let theme = &model.theme;
    let by = match (&entry.actor_username, entry.actor_id) {
        (Some(name), _) => format!(" by {}", text::visible(name)),
        (None, Some(id)) => format!(" by {}", crate::model::data::short(id)),
        (None, None) => String::new(),
    };
    let reason = entry.reason.as_deref().map(|reason| format!(": {}", text::visible(reason)));
    let ago = text::right(&text::age(entry.at, model.minute()), 7);
    let what = format!("  {}{by}{}", happened(entry), reason.unwrap_or_default());
    Line::from(vec![
        Span::styled(format!(" {ago}"), theme.muted),
        Span::styled(text::cut(&what, cells.saturating_sub(8)), theme.text),
    ])
}

fn about_parked(model: &Model, parked: &ParkedMessage, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = prose(&parked.reason, cells, theme.bad);
    if let Some(message) = &parked.message {
        lines.extend(prose(message, cells, model.theme.text));
    }
    let payload = parked.payload.as_deref().or(parked.payload_base64.as_deref());
    if let Some(payload) = payload {
        let bytes = parked.payload_bytes.map(|bytes| format!(" payload, {} bytes:", text::number(bytes)));
        lines.push(Line::styled(bytes.unwrap_or_else(|| " payload:".to_owned()), theme.muted));
        let shown: String = payload.chars().take(2_000).collect();
        lines.extend(prose(&shown, cells, model.theme.text));
    }
    if let Some(id) = parked.notification_id {
        lines.push(Line::styled(format!(" notification {id}"), theme.muted));
    }
    lines
}

fn about_entry(model: &Model, record: &AuditRecord, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let who = record.actor_username.as_deref().map_or_else(|| "the daemon".to_owned(), text::visible);
    let from = record.address.as_deref().map(|address| format!(" from {}", text::visible(address)));
    let request = record.request_id.as_deref().map(|id| format!(" [request {}]", text::visible(id)));
    let head = format!(
        "{} UTC  {who}: {}{}{}",
        text::long_date(record.at),
        text::visible(&record.action),
        from.unwrap_or_default(),
        request.unwrap_or_default()
    );
    let mut lines = prose(&head, cells, model.theme.text);
    let target = format!(" {} {}", text::visible(&record.target.kind), text::visible(&record.target.id));
    lines.push(Line::styled(text::cut(&target, cells), theme.muted));
    for (word, value) in [("was", &record.old), ("is", &record.new)] {
        if let Some(value) = value {
            lines.extend(prose(&format!("{word} {value}"), cells, model.theme.text));
        }
    }
    lines
}

fn call(model: &Model, id: u64, cells: usize) -> Said {
    let theme = &model.theme;
    let Some(call) = model.log.find(id) else { return nothing(model, "") };
    let mut lines: Vec<Line> = text::wrap(&text::visible(&call.command), cells.saturating_sub(4))
        .into_iter()
        .map(|line| Line::styled(format!("  {line}"), theme.accent))
        .collect();
    lines.insert(0, Line::styled(" The command that does the same (`y` copies it):", theme.muted));
    if let Some(body) = &call.body {
        lines.push(Line::styled(" was sent:", theme.muted));
        lines.extend(prose(body, cells, model.theme.text));
    }
    if let Some(id) = &call.request_id {
        lines.push(Line::styled(format!(" request {}", text::visible(id)), theme.muted));
    }
    ("Call".to_owned(), lines)
}
