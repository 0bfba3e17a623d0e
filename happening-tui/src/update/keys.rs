//! Keys: first the registry of actions, then, where something is typed, its text.

use super::{change, chooser, export, feeds, forms, go, moves, overlay, signin, toast};
use crate::action::{self, Action, Availability, on_a_service_account};
use crate::effect::Effect;
use crate::feed::Query;
use crate::model::{End, Model, Pane, Purpose, RowKey, Screen};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use happening_core::wire::EventStatus;

/// Letters that a line of input may have.
pub const LONGEST_INPUT: usize = 500;

/// A key was pressed.
pub fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    match action::find(model, key) {
        Some(Ok(action)) => perform(model, action),
        Some(Err(why)) => {
            toast(model, format!("Not now: {why}"));
            Vec::new()
        }
        None => {
            overlay::typed(model, key);
            Vec::new()
        }
    }
}

/// Does what an action says.
pub fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Go(screen) => return go::to(model, screen),
        Action::Back => return go::back(model),
        Action::Forward => return go::forward(model),
        Action::Leave => return leave(model),
        Action::Open => return open(model),
        Action::Retry => return signin::retry(model),
        Action::Refresh => {
            model.feeds.outdate_all();
            return feeds::ask(model);
        }
        Action::Dismiss => {
            model.notices.remove(0);
        }
        Action::Undo => return change::undo(model),
        Action::Theme => {
            model.theme = model.theme.next();
            toast(model, format!("Theme: {}", model.theme.look.name()));
        }
        Action::Mouse => {
            model.mouse = !model.mouse;
            let said = if model.mouse {
                "The mouse works here"
            } else {
                "The mouse is the terminal's: select and copy"
            };
            toast(model, said);
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::Suspend => return vec![Effect::Suspend],
        Action::SignOut => return vec![Effect::SignOut],
        Action::Quit | Action::Abort => model.end = Some(End::Quit),
        Action::NextPane => moves::focus(model, 1),
        Action::PreviousPane => moves::focus(model, -1),
        Action::Palette => chooser::palette(model),
        Action::Menu => chooser::menu(model),
        Action::Contexts => chooser::contexts(model),
        Action::Sort => chooser::sort(model),
        Action::Columns => chooser::columns(model),
        Action::Accept => return overlay::accept(model),
        Action::Submit => return overlay::submit(model),
        Action::Close => overlay::close(model),
        Action::NextField => overlay::next_field(model, 1),
        Action::PreviousField => overlay::next_field(model, -1),
        other => return perform_more(model, other),
    }
    Vec::new()
}

fn perform_more(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Up
        | Action::Down
        | Action::Left
        | Action::Right
        | Action::PageUp
        | Action::PageDown
        | Action::Top
        | Action::Bottom => return moves::go(model, action),
        Action::Filter
        | Action::KeepFilter
        | Action::ClearFilter
        | Action::Mark
        | Action::MarkAll
        | Action::Pick
        | Action::PickRange
        | Action::ZoomIn
        | Action::ZoomOut
        | Action::PauseCharts => moves::in_pane(model, action),
        Action::Export => forms::export(model),
        Action::Copy => return export::copy(model),
        Action::NewEvent => forms::create_event(model),
        Action::EditEvent => forms::edit_event(model),
        Action::Capacity => forms::capacity(model),
        Action::Reassign => forms::reassign(model),
        Action::Book => forms::book(model),
        Action::CancelSeats => forms::cancel_seats(model),
        Action::Move => forms::move_booking(model),
        Action::Jump => forms::jump(model),
        Action::FindSeats => forms::find_seats(model),
        Action::FindPeople => forms::simple(model, Purpose::People),
        Action::FindKeys => forms::simple(model, Purpose::Keys),
        Action::FindAudit => forms::audit(model),
        Action::Pause => return change::pause(model),
        Action::CallOff => return change::status(model, EventStatus::Cancelled),
        Action::DeleteEvent => return change::delete_event(model),
        Action::Serve => return change::serve(model),
        Action::Cancel => return change::cancel(model),
        Action::Promote => return change::promote(model),
        Action::Again => return change::again(model),
        Action::Discard => return change::discard(model),
        Action::Heal => return change::heal(model),
        Action::HealAll => return change::heal_all(model),
        Action::ShowPerson => {
            return match model.target_person() {
                Some((id, name)) => go::to_person(model, id, &name),
                None => Vec::new(),
            };
        }
        Action::ShowWaitlist => return show(model, Screen::Waitlists, Pane::WaitingEvents),
        Action::Inspect => return show(model, Screen::Redis, Pane::Counters),
        other => return govern(model, other),
    }
    Vec::new()
}

/// What concerns organizations and accounts.
fn govern(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Invite => forms::invite(model),
        Action::SetRole if model.pane() == Pane::ServiceAccounts => forms::service_account(model, true),
        Action::SetRole => forms::role(model),
        Action::EditOrganization => forms::edit_organization(model),
        Action::Transfer => forms::transfer(model),
        Action::MapServiceAccount => forms::service_account(model, false),
        Action::SetStatus => return change::set_status(model),
        Action::Remove => return change::remove(model),
        _ => {}
    }
    Vec::new()
}

/// Shows the event that the screen is about in another screen.
fn show(model: &mut Model, screen: Screen, pane: Pane) -> Vec<Effect> {
    match model.target_event() {
        Some(event) => go::to_row(model, screen, pane, RowKey::Event(event)),
        None => Vec::new(),
    }
}

/// Takes away what a person has put up; if there is nothing, goes back.
fn leave(model: &mut Model) -> Vec<Effect> {
    if let Some(table) = model.table_mut() {
        if !table.marked.is_empty() {
            table.marked.clear();
            return Vec::new();
        }
        if table.filter.is_active() {
            table.filter.set(String::new());
            table.arrange();
            return Vec::new();
        }
    }
    if let (Pane::Seats, Some(event)) = (model.pane(), &mut model.event) {
        if event.anchor.take().is_some() {
            return Vec::new();
        }
        if !event.picked.is_empty() || event.person.is_some() {
            event.picked.clear();
            event.person = None;
            return Vec::new();
        }
    }
    if model.focus[model.screen.index()] > 0 {
        model.focus[model.screen.index()] = 0;
        return Vec::new();
    }
    go::back(model)
}

/// Opens what is under the cursor.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some(table) = model.table_mut() else { return Vec::new() };
    // Whoever comes back finds the cursor where it was.
    table.moved = true;
    let Some(key) = table.key().cloned() else { return Vec::new() };
    match (model.pane(), key) {
        (_, RowKey::Event(event)) => go::open_event(model, event),
        (Pane::PersonBookings, RowKey::Booking(_)) => {
            model.target_booking().map(|booking| go::open_event(model, booking.event)).unwrap_or_default()
        }
        (_, RowKey::Booking(_)) | (Pane::Members | Pane::Undelivered | Pane::Parked, _) => {
            match model.target_person() {
                Some((id, name)) => go::to_person(model, id, &name),
                None => Vec::new(),
            }
        }
        (Pane::ServiceAccounts, _) if on_a_service_account(model) == Availability::Ready => {
            forms::service_account(model, true);
            Vec::new()
        }
        (Pane::Organizations | Pane::People, _) => {
            moves::focus(model, 1);
            Vec::new()
        }
        (Pane::Keys, RowKey::Key(key)) => match key.split(':').find_map(|part| part.parse().ok()) {
            Some(event) => go::to_row(model, Screen::Redis, Pane::Counters, RowKey::Event(event)),
            None => Vec::new(),
        },
        (Pane::Audit, RowKey::Number(number)) => open_target(model, number),
        _ => Vec::new(),
    }
}

/// Opens what an entry of the audit log is about.
fn open_target(model: &mut Model, number: u64) -> Vec<Effect> {
    let Some(record) = model.data.audit.iter().find(|record| record.id == number) else { return Vec::new() };
    let (kind, id, organization) =
        (record.target.kind.clone(), record.target.id.clone(), record.organization_id);
    match kind.as_str() {
        "event" => id.parse().map(|event| go::open_event(model, event)).unwrap_or_default(),
        "user" | "member" => match id.parse() {
            Ok(person) => {
                let name = model.data.person(person);
                go::to_person(model, person, &name)
            }
            Err(_) => Vec::new(),
        },
        _ => match id.parse().ok().or(organization) {
            Some(id) => {
                go::to_row(model, Screen::Organizations, Pane::Organizations, RowKey::Organization(id))
            }
            None => Vec::new(),
        },
    }
}

/// What a line of input is after a key: as shells have it.
pub fn edit(text: &mut String, key: KeyEvent) -> bool {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('u') if ctrl => text.clear(),
        KeyCode::Char('w') if ctrl => {
            let kept = text.trim_end().rfind(' ').map_or(0, |space| space + 1);
            text.truncate(kept);
        }
        KeyCode::Char('h') if ctrl => {
            text.pop();
        }
        KeyCode::Backspace => {
            text.pop();
        }
        KeyCode::Char(c) if !ctrl && text.chars().count() < LONGEST_INPUT => text.push(c),
        _ => return false,
    }
    true
}

/// The questions that a change may have made old.
pub fn outdate_after_change(model: &mut Model) {
    model.feeds.outdate_all();
    if model.stream == crate::model::Link::Up {
        model.feeds.outdate(&Query::Events);
    }
}
