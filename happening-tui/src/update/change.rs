//! Changes: each is tried by the daemon first, the dialog says what will happen and rests on Cancel, and what can be taken
//! back can be.

use super::{feeds, keys, notice, signed_out, toast};
use crate::command::{BookingRef, Command, lessened};
use crate::effect::Effect;
use crate::model::{Dialog, DialogState, Foretold, Form, Model, Overlay, Pane, RowKey, Table};
use crate::text;
use crate::trouble::{Trouble, TroubleKind};
use happening_core::id::EventId;
use happening_core::wire::{
    Booking, BookingStatus, CreateBooking, EventStatus, OrganizationStatus, UpdateEvent, UserStatus,
};
use serde_json::Value;

/// Has changes tried, and shows what would happen.
pub fn offer(model: &mut Model, commands: Vec<Command>) -> Vec<Effect> {
    offer_from(model, commands, None)
}

/// The same, for what was filled in.
pub fn offer_from(model: &mut Model, commands: Vec<Command>, form: Option<Box<Form>>) -> Vec<Effect> {
    if commands.is_empty() {
        return Vec::new();
    }
    let ticket = model.draw_ticket();
    let state = DialogState::Trying;
    let dialog = Dialog { ticket, commands: commands.clone(), state, on_confirm: false, form };
    model.overlay = Some(Overlay::Dialog(dialog));
    vec![Effect::Foretell { ticket, commands }]
}

/// They were tried.
pub fn foretold(model: &mut Model, ticket: u32, foretold: Result<Box<Foretold>, Trouble>) {
    let Some(Overlay::Dialog(dialog)) = &mut model.overlay else { return };
    if dialog.ticket != ticket {
        return;
    }
    dialog.state = match foretold {
        Ok(foretold) => {
            if !foretold.commands.is_empty() {
                dialog.commands.clone_from(&foretold.commands);
            }
            DialogState::Ready(*foretold)
        }
        Err(trouble) => DialogState::Refused(trouble),
    };
}

/// The person wants it.
pub fn confirm(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Dialog(dialog)) = &mut model.overlay else { return Vec::new() };
    dialog.state = DialogState::Running(0);
    vec![Effect::Perform { ticket: dialog.ticket, commands: dialog.commands.clone() }]
}

/// One of them was done, or refused.
pub fn done(
    model: &mut Model,
    ticket: u32,
    command: &Command,
    answer: Result<Value, Trouble>,
) -> Vec<Effect> {
    let mut last = true;
    if let Some(Overlay::Dialog(dialog)) = &mut model.overlay
        && dialog.ticket == ticket
        && let DialogState::Running(count) = &mut dialog.state
    {
        *count += 1;
        last = *count >= dialog.commands.len();
        if last {
            model.overlay = None;
        }
    }
    let effects = match answer {
        Ok(answer) => {
            let back = taken_back(command, &answer);
            let undo = if back.is_some() { " · U takes it back" } else { "" };
            toast(model, format!("{}{undo}", outcome(command, &answer)));
            model.undo = back.map(|back| vec![back]);
            if let (Command::Book { .. }, Some(event)) = (command, &mut model.event) {
                event.picked.clear();
            }
            if let Some(table) = model.table_mut() {
                table.marked.clear();
            }
            Vec::new()
        }
        Err(trouble) if trouble.kind == TroubleKind::SignedOut => signed_out(model, trouble),
        Err(trouble) => {
            let what = format!("{}: {}", command.about(), trouble.what);
            // What stays away may heal; that this was not done does not.
            notice(model, Trouble { what, kind: TroubleKind::Refused, ..trouble });
            Vec::new()
        }
    };
    if last {
        keys::outdate_after_change(model);
    }
    effects.into_iter().chain(feeds::ask(model)).collect()
}

/// What came of it, in a line.
pub fn outcome(command: &Command, answer: &Value) -> String {
    let booking = || serde_json::from_value::<Booking>(answer.clone()).ok();
    match command {
        Command::Book { who, event_name, .. } => match booking() {
            Some(Booking { status: BookingStatus::Waiting, seats, .. }) => {
                format!("{who} waits for {} at “{event_name}”", text::count(seats, "seat", "seats"))
            }
            Some(Booking { assigned_seats: Some(seats), .. }) => {
                format!("{who} has {} at “{event_name}”", text::named_seats(&seats))
            }
            _ => format!("Booked for {who}"),
        },
        Command::Promote(_) | Command::Serve { .. } => {
            let promoted = answer["promoted"].as_array().map_or(0, Vec::len);
            match promoted {
                0 => "Nobody could be served".to_owned(),
                count => format!("{} served", text::count(count as u64, "party", "parties")),
            }
        }
        Command::Heal(_) => {
            let figure = |name: &str| answer[name].as_u64().unwrap_or(0);
            format!(
                "{} looked at, {} of {} healed",
                text::count(figure("events"), "event", "events"),
                text::number(figure("fixed")),
                text::count(figure("found"), "drift", "drifts")
            )
        }
        Command::Cancel(gone) | Command::CancelSeats(gone, _) => {
            let less = lessened(&gone.who, answer).map(|less| format!(". {less}")).unwrap_or_default();
            format!("Done: {}{less}", command.about())
        }
        other => format!("Done: {}", other.about()),
    }
}

/// How the daemon can take it back, if it can.
fn taken_back(command: &Command, answer: &Value) -> Option<Command> {
    let again = |booking: &BookingRef, seats: &[u32]| {
        let create = CreateBooking {
            user_id: Some(booking.user),
            seat_numbers: Some(seats.to_vec()),
            ..CreateBooking::any(booking.event, u32::try_from(seats.len()).unwrap_or(u32::MAX))
        };
        Command::Book { create, who: booking.who.clone(), event_name: booking.event_name.clone() }
    };
    match command {
        Command::Cancel(booking)
            if booking.status == BookingStatus::Confirmed && !booking.seats.is_empty() =>
        {
            Some(again(booking, &booking.seats))
        }
        Command::CancelSeats(booking, seats) => {
            let were: Vec<u32> = seats.iter().copied().filter(|seat| booking.seats.contains(seat)).collect();
            (!were.is_empty()).then(|| again(booking, &were))
        }
        Command::Move(booking, to) if !booking.seats.is_empty() => {
            let moved = BookingRef { seats: to.clone(), ..booking.clone() };
            Some(Command::Move(moved, booking.seats.clone()))
        }
        Command::SetOrganizationStatus { organization, name, status: OrganizationStatus::Suspended } => {
            let (organization, name) = (*organization, name.clone());
            Some(Command::SetOrganizationStatus { organization, name, status: OrganizationStatus::Active })
        }
        Command::SetUserStatus { user, who, status: UserStatus::Suspended } => {
            Some(Command::SetUserStatus { user: *user, who: who.clone(), status: UserStatus::Active })
        }
        Command::Book { who, event_name, create } => {
            let made: Booking = serde_json::from_value(answer.clone()).ok()?;
            Some(Command::Cancel(BookingRef {
                id: made.id,
                event: create.event_id,
                event_name: event_name.clone(),
                user: made.user_id,
                who: who.clone(),
                status: made.status,
                count: made.seats,
                seats: made.assigned_seats.unwrap_or_default(),
            }))
        }
        _ => None,
    }
}

/// Takes the last change back: a change like any other, tried and confirmed.
pub fn undo(model: &mut Model) -> Vec<Effect> {
    let commands = model.undo.take().unwrap_or_default();
    let effects = offer(model, commands.clone());
    // Until it is done it can be taken back another time.
    model.undo = (!commands.is_empty()).then_some(commands);
    effects
}

/// A change of an event.
pub fn update(model: &Model, event: EventId, update: UpdateEvent) -> Command {
    Command::UpdateEvent { event, name: model.data.event_name(event), update: Box::new(update) }
}

/// Gives the event another status.
pub fn status(model: &mut Model, status: EventStatus) -> Vec<Effect> {
    let Some(event) = model.target_event() else { return Vec::new() };
    let update = update(model, event, UpdateEvent { status: Some(status), ..UpdateEvent::default() });
    offer(model, vec![update])
}

/// Pauses the event's sales, or goes on with them.
pub fn pause(model: &mut Model) -> Vec<Effect> {
    let Some(event) = model.target() else { return Vec::new() };
    let (id, paused) = (event.id, event.sales_paused);
    let update = update(model, id, UpdateEvent { sales_paused: Some(!paused), ..UpdateEvent::default() });
    offer(model, vec![update])
}

/// Takes events out of every list: those that are marked, or the one that the screen is about.
pub fn delete_event(model: &mut Model) -> Vec<Effect> {
    let marked = match model.table() {
        Some(table) if !table.marked.is_empty() => table.targets(),
        _ => model.target_event().map(RowKey::Event).into_iter().collect(),
    };
    let events = marked.into_iter().filter_map(|key| match key {
        RowKey::Event(event) => Some(Command::DeleteEvent { event, name: model.data.event_name(event) }),
        _ => None,
    });
    let commands = events.collect();
    offer(model, commands)
}

/// Serves the event's waitlist.
pub fn serve(model: &mut Model) -> Vec<Effect> {
    let Some(event) = model.target_event() else { return Vec::new() };
    let name = model.data.event_name(event);
    offer(model, vec![Command::Serve { event, name }])
}

/// Cancels bookings.
pub fn cancel(model: &mut Model) -> Vec<Effect> {
    let bookings = model.target_bookings();
    let open = bookings.into_iter().filter(|booking| booking.status != BookingStatus::Cancelled);
    let commands = open.map(Command::Cancel).collect();
    offer(model, commands)
}

/// Serves a party out of turn.
pub fn promote(model: &mut Model) -> Vec<Effect> {
    let commands = model.target_booking().map(Command::Promote).into_iter().collect();
    offer(model, commands)
}

/// Publishes or sends something again.
pub fn again(model: &mut Model) -> Vec<Effect> {
    let commands = if model.pane() == Pane::Invites {
        let invite = model.selected_invite();
        invite.map(|one| Command::ResendInvite(one.id, text::visible(&one.email))).into_iter().collect()
    } else {
        let keys = model.table().map(Table::targets).unwrap_or_default();
        let again = |key| match key {
            RowKey::Parked(id) => Some(Command::Requeue(id, model.parked_words(id))),
            RowKey::Notification(id) => Some(Command::Resend(id, model.notification_words(id))),
            _ => None,
        };
        keys.into_iter().filter_map(again).collect()
    };
    offer(model, commands)
}

/// Throws what is parked away.
pub fn discard(model: &mut Model) -> Vec<Effect> {
    let keys = model.table().map(Table::targets).unwrap_or_default();
    let discard = |key| match key {
        RowKey::Parked(id) => Some(Command::Discard(id, model.parked_words(id))),
        _ => None,
    };
    let commands = keys.into_iter().filter_map(discard).collect();
    offer(model, commands)
}

/// Makes the event's counters right.
pub fn heal(model: &mut Model) -> Vec<Effect> {
    let event = model.selected_event(Pane::Counters);
    let commands =
        event.map(|event| Command::Heal(Some((event, model.data.event_name(event))))).into_iter().collect();
    offer(model, commands)
}

/// Makes everything right.
pub fn heal_all(model: &mut Model) -> Vec<Effect> {
    offer(model, vec![Command::Heal(None)])
}

/// Removes a member, revokes an invite, or takes a service account's role away.
pub fn remove(model: &mut Model) -> Vec<Effect> {
    let organization = model.selected_organization();
    let command =
        match model.pane() {
            Pane::Invites => {
                model.selected_invite().map(|one| Command::RevokeInvite(one.id, text::visible(&one.email)))
            }
            Pane::ServiceAccounts => {
                organization.zip(model.selected_service_account()).map(|(organization, account)| {
                    let name = model.data.organization(organization);
                    Command::UnmapServiceAccount { organization, name, client: account.client_id.clone() }
                })
            }
            _ => organization.zip(model.selected_member()).map(|(organization, member)| {
                Command::RemoveMember { organization, user: member.id, who: text::visible(&member.username) }
            }),
        };
    offer(model, command.into_iter().collect())
}

/// Suspends the person or the organization under the cursor, or lets them go on.
pub fn set_status(model: &mut Model) -> Vec<Effect> {
    let command = if model.pane() == Pane::People {
        model.found_person().map(|person| Command::SetUserStatus {
            user: person.id,
            who: text::visible(&person.username),
            status: match person.status {
                Some(UserStatus::Suspended) => UserStatus::Active,
                _ => UserStatus::Suspended,
            },
        })
    } else {
        model.organization().map(|organization| Command::SetOrganizationStatus {
            organization: organization.id,
            name: text::visible(&organization.name),
            status: match organization.status {
                OrganizationStatus::Suspended => OrganizationStatus::Active,
                OrganizationStatus::Active => OrganizationStatus::Suspended,
            },
        })
    };
    offer(model, command.into_iter().collect())
}
