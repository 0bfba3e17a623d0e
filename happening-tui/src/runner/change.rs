//! Tries changes, and makes them.

use super::TaskContext;
use crate::command::{BookingRef, Command};
use crate::message::Message;
use crate::model::Foretold;
use crate::trouble::{Trouble, TroubleKind};
use happening_core::client::{Client, ClientError};
use happening_core::id::{EventId, UserId};
use happening_core::wire::{BookingStatus, CreateInvite, Promote, ReassignEvent, Simulate, WouldBePromoted};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Changes that are tried at once, of which the dialog tells; the daemon tries few at a time.
const MOST_TRIED: usize = 20;

/// Finds out what would happen.
pub async fn foretell(context: Arc<TaskContext>, ticket: u32, commands: Vec<Command>) {
    let foretold = match context.client() {
        Some(client) => tried(&client, commands).await,
        None => Err(Trouble::new(TroubleKind::SignedOut, "nobody is signed in")),
    };
    context.tell(Message::Foretold { ticket, foretold: foretold.map(Box::new) }).await;
}

/// Makes the changes, one after the other. One that is refused does not hold up the others.
pub async fn perform(context: Arc<TaskContext>, ticket: u32, commands: Vec<Command>) {
    for command in commands {
        let answer = match context.client() {
            Some(client) => send(&client, &command).await.map_err(|error| Trouble::from(&error)),
            None => Err(Trouble::new(TroubleKind::SignedOut, "nobody is signed in")),
        };
        context.tell(Message::Done { ticket, command, answer }).await;
    }
}

async fn tried(client: &Client, commands: Vec<Command>) -> Result<Foretold, Trouble> {
    let mut foretold = Foretold::default();
    let alone = commands.len() == 1;
    let mut names = HashMap::new();
    for (at, command) in commands.into_iter().enumerate() {
        let command = known(client, command).await.map_err(|error| Trouble::from(&error))?;
        if at < MOST_TRIED {
            match send(&client.trying(), &command).await {
                Err(ClientError::Tried(answer)) => {
                    foretold.answers.push(serde_json::from_str(&answer).unwrap_or(Value::Null));
                }
                Ok(_) => {
                    let what =
                        "the daemon did not say that this was a dry run: please look whether it was done";
                    return Err(Trouble::new(TroubleKind::Refused, what));
                }
                Err(error) if alone => return Err(Trouble::from(&error)),
                Err(error) => {
                    foretold.answers.push(Value::Null);
                    foretold.refused.push(Trouble::from(&error));
                }
            }
            consequences(client, &command, &mut foretold, &mut names)
                .await
                .map_err(|error| Trouble::from(&error))?;
        }
        foretold.commands.push(command);
    }
    Ok(foretold)
}

/// The command with all that the daemon knows of its booking.
async fn known(client: &Client, command: Command) -> Result<Command, ClientError> {
    Ok(match command {
        Command::Cancel(booking) => Command::Cancel(with_seats(client, booking).await?),
        Command::CancelSeats(booking, seats) => {
            Command::CancelSeats(with_seats(client, booking).await?, seats)
        }
        Command::Move(booking, seats) => Command::Move(with_seats(client, booking).await?, seats),
        other => other,
    })
}

async fn with_seats(client: &Client, known: BookingRef) -> Result<BookingRef, ClientError> {
    let booking = client.booking(known.id).await?;
    let seats = booking.assigned_seats.unwrap_or_default();
    Ok(BookingRef { status: booking.status, count: booking.seats, seats, ..known })
}

/// Who would be served, and what a resize would do.
async fn consequences(
    client: &Client,
    command: &Command,
    foretold: &mut Foretold,
    names: &mut HashMap<UserId, String>,
) -> Result<(), ClientError> {
    let simulate = |free, cancel| Simulate { free, cancel };
    let (event, promoted) = match command {
        Command::Cancel(booking) if booking.status == BookingStatus::Confirmed => {
            (booking.event, client.simulate(booking.event, &simulate(None, Some(booking.id))).await?.promoted)
        }
        Command::CancelSeats(booking, seats) => {
            let freed = seats.iter().filter(|seat| booking.seats.contains(seat)).count();
            let freed = u32::try_from(freed).unwrap_or(u32::MAX);
            if freed == 0 {
                return Ok(());
            }
            (booking.event, client.simulate(booking.event, &simulate(Some(freed), None)).await?.promoted)
        }
        Command::UpdateEvent { event, update, .. } => {
            let Some(seats) = update.total_slots else { return Ok(()) };
            let plan = client.plan_resize(*event, seats).await?;
            let promoted = plan.promoted.clone();
            foretold.plan = Some(plan);
            (*event, promoted)
        }
        _ => return Ok(()),
    };
    foretold.promoted.extend(named(client, event, promoted, names).await?);
    Ok(())
}

/// With what people are called, as the waitlist says.
async fn named(
    client: &Client,
    event: EventId,
    promoted: Vec<WouldBePromoted>,
    names: &mut HashMap<UserId, String>,
) -> Result<Vec<(String, WouldBePromoted)>, ClientError> {
    if promoted.iter().any(|one| !names.contains_key(&one.user_id)) {
        let parties = client.waitlist(event).await?;
        names.extend(parties.into_iter().filter_map(|party| Some((party.user_id, party.username?))));
    }
    let name = |id: UserId| match names.get(&id) {
        Some(name) => crate::text::visible(name),
        None => crate::model::data::short(id),
    };
    Ok(promoted.into_iter().map(|one| (name(one.user_id), one)).collect())
}

/// Sends a change.
async fn send(client: &Client, command: &Command) -> Result<Value, ClientError> {
    match command {
        Command::Book { create, .. } => json(&client.create_booking(create).await?),
        Command::Cancel(booking) if booking.status == BookingStatus::Waiting => {
            json(&client.leave_waitlist(booking.id).await?)
        }
        Command::Cancel(booking) => json(&client.cancel_booking(booking.id).await?),
        Command::CancelSeats(booking, seats) => json(&client.cancel_seats(booking.id, seats.clone()).await?),
        Command::Move(booking, seats) => json(&client.move_booking(booking.id, seats.clone()).await?),
        Command::Promote(booking) => {
            let promote = Promote { booking_id: Some(booking.id) };
            json(&client.promote(booking.event, &promote).await?)
        }
        Command::Serve { event, .. } => json(&client.promote(*event, &Promote::default()).await?),
        Command::CreateEvent(create) => json(&client.create_event(create).await?),
        Command::UpdateEvent { event, update, .. } => json(&client.update_event(*event, update).await?),
        Command::DeleteEvent { event, .. } => json(&client.delete_event(*event).await?),
        Command::Reassign { event, to, .. } => {
            let reassign = ReassignEvent { new_created_by: *to, requested_by: None };
            json(&client.reassign_event(*event, &reassign).await?)
        }
        other => send_more(client, other).await,
    }
}

async fn send_more(client: &Client, command: &Command) -> Result<Value, ClientError> {
    match command {
        Command::Requeue(id) => json(&client.requeue_parked(*id).await?),
        Command::Discard(id) => json(&client.discard_parked(*id).await?),
        Command::Resend(id) => json(&client.resend_notification(*id).await?),
        Command::Heal(event) => json(&client.reconcile(event.as_ref().map(|(id, _)| *id)).await?),
        Command::SetRole { organization, user, role, .. } => {
            json(&client.set_member(*organization, *user, *role).await?)
        }
        Command::RemoveMember { organization, user, .. } => {
            json(&client.remove_member(*organization, *user).await?)
        }
        Command::Invite { organization, email, role, message } => {
            let create = CreateInvite {
                email: email.clone(),
                role: *role,
                invited_by: None,
                message: message.clone(),
                organization_id: Some(*organization),
            };
            json(&client.send_invite(&create).await?)
        }
        Command::ResendInvite(id, _) => json(&client.resend_invite(*id).await?),
        Command::RevokeInvite(id, _) => json(&client.revoke_invite(*id).await?),
        _ => Ok(Value::Null),
    }
}

fn json(answer: &impl Serialize) -> Result<Value, ClientError> {
    serde_json::to_value(answer).map_err(|error| ClientError::Broken(error.to_string()))
}
