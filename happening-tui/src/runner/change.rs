//! Tries changes, and makes them.

use super::TaskContext;
use crate::command::{BookingRef, Command};
use crate::message::Message;
use crate::model::Foretold;
use crate::trouble::{Trouble, TroubleKind};
use happening_core::client::{Client, ClientError};
use happening_core::id::{EventId, UserId};
use happening_core::wire::{BookingStatus, CreateInvite, ErrorCode, Job, Promote, ReassignEvent, Simulate};
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
            // A job of the daemon's, which is followed from here on.
            Some(client) if command == Command::Heal(None) => match begun(&client).await {
                Ok(job) => {
                    context.tell(Message::Begun { ticket, job: Box::new(job) }).await;
                    continue;
                }
                Err(error) => Err(Trouble::from(&error)),
            },
            Some(client) => send(&client, &command).await.map_err(|error| Trouble::from(&error)),
            None => Err(Trouble::new(TroubleKind::SignedOut, "nobody is signed in")),
        };
        context.tell(Message::Done { ticket, command, answer }).await;
    }
}

/// Has the daemon begin to heal everything. One that somebody else began is followed like one's own.
async fn begun(client: &Client) -> Result<Job, ClientError> {
    let started = client.start_reconcile(true).await;
    match started.as_ref().err().and_then(ClientError::running_job) {
        Some(running) => client.job(running).await,
        None => started,
    }
}

async fn tried(client: &Client, commands: Vec<Command>) -> Result<Foretold, Trouble> {
    let mut foretold = Foretold::default();
    let alone = commands.len() == 1;
    for (at, command) in commands.into_iter().enumerate() {
        let command = known(client, command).await.map_err(|error| Trouble::from(&error))?;
        if let Command::Heal(event) = &command {
            // What it does is not in the database alone, so it cannot be tried; to look says as much.
            let event = event.as_ref().map(|(id, _)| *id);
            let found = client.examine(event).await.and_then(|report| json(&report));
            foretold.answers.push(found.map_err(|error| Trouble::from(&error))?);
        } else if at < MOST_TRIED {
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
        }
        foretold.commands.push(command);
    }
    consequences(client, &mut foretold).await.map_err(|error| Trouble::from(&error))?;
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

/// What the commands would do to those who wait at an event.
struct Question {
    event: EventId,
    name: String,
    asked: Asked,
}

enum Asked {
    Simulate(Simulate),
    Resize(u32),
}

/// What is to be asked of whose waitlist. Cancellations at one event are one question: each begins where the one before ends.
fn questions<'a>(commands: impl Iterator<Item = &'a Command>) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for command in commands {
        let (event, name, asked) = match command {
            Command::Cancel(booking) if booking.status != BookingStatus::Cancelled => {
                let same = questions.iter_mut().find(|question| question.event == booking.event);
                if let Some(Question { asked: Asked::Simulate(simulate), .. }) = same {
                    simulate.cancel.push(booking.id);
                    continue;
                }
                (booking.event, &booking.event_name, Asked::Simulate(Simulate::cancel([booking.id])))
            }
            Command::CancelSeats(booking, seats) => {
                let asked = Asked::Simulate(Simulate::cancel_seats(booking.id, seats.clone()));
                (booking.event, &booking.event_name, asked)
            }
            Command::UpdateEvent { event, name, update } => match update.total_slots {
                Some(seats) => (*event, name, Asked::Resize(seats)),
                None => continue,
            },
            _ => continue,
        };
        questions.push(Question { event, name: name.clone(), asked });
    }
    questions
}

/// Who would be served with which seats, and what a resize would do. Whose waitlist the person may not see stays unnamed.
async fn consequences(client: &Client, foretold: &mut Foretold) -> Result<(), ClientError> {
    // What would be refused has no consequences.
    let refused = |at: usize| !foretold.refused.is_empty() && foretold.answers.get(at) == Some(&Value::Null);
    let accepted = foretold.commands.iter().enumerate().filter(|(at, _)| !refused(*at));
    let questions = questions(accepted.map(|(_, command)| command));
    let several = questions.len() > 1;
    for Question { event, name, asked } in questions {
        let answered = match asked {
            Asked::Simulate(simulate) => client.simulate(event, &simulate).await.map(|said| said.promoted),
            Asked::Resize(seats) => client.plan_resize(event, seats).await.map(|plan| {
                let promoted = plan.promoted.clone();
                foretold.plan = Some(plan);
                promoted
            }),
        };
        let promoted = match answered {
            Ok(promoted) => promoted,
            Err(error) if is_not_theirs_to_see(&error) => {
                foretold.unseen = true;
                continue;
            }
            Err(error) => return Err(error),
        };
        let too_large = foretold.plan.as_ref().map(|plan| plan.too_large.clone()).unwrap_or_default();
        if promoted.is_empty() && too_large.is_empty() {
            continue;
        }
        let names = names(client, event).await?;
        let called = |user: UserId| match names.get(&user) {
            Some(name) => crate::text::visible(name),
            None => crate::model::data::short(user),
        };
        let at = if several { format!(" at “{name}”") } else { String::new() };
        foretold.promoted.extend(promoted.into_iter().map(|one| (called(one.user_id) + &at, one)));
        foretold.too_large.extend(too_large.into_iter().map(|one| (called(one.user_id), one)));
    }
    Ok(())
}

/// A booking that is gone meanwhile is the answer of the dry run, which was given before.
fn is_not_theirs_to_see(error: &ClientError) -> bool {
    matches!(error.code(), Some(ErrorCode::Forbidden | ErrorCode::NotFound))
}

/// What people are called, as the waitlist says.
async fn names(client: &Client, event: EventId) -> Result<HashMap<UserId, String>, ClientError> {
    let parties = client.waitlist(event).await?;
    Ok(parties.into_iter().filter_map(|party| Some((party.user_id, party.username?))).collect())
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
        Command::Requeue(id, _) => json(&client.requeue_parked(*id).await?),
        Command::Discard(id, _) => json(&client.discard_parked(*id).await?),
        Command::Resend(id, _) => json(&client.resend_notification(*id).await?),
        Command::Heal(Some((event, _))) => json(&client.reconcile(*event).await?),
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
        other => govern(client, other).await,
    }
}

async fn govern(client: &Client, command: &Command) -> Result<Value, ClientError> {
    match command {
        Command::SetUserStatus { user, status, .. } => json(&client.set_user_status(*user, *status).await?),
        Command::SetOrganizationStatus { organization, status, .. } => {
            json(&client.set_organization_status(*organization, *status).await?)
        }
        Command::UpdateOrganization { organization, update, .. } => {
            json(&client.update_organization(*organization, update).await?)
        }
        Command::Transfer { organization, to, .. } => {
            json(&client.transfer_organization(*organization, *to).await?)
        }
        Command::MapServiceAccount { organization, map, .. } => {
            json(&client.map_service_account(*organization, map).await?)
        }
        Command::UnmapServiceAccount { organization, client: account, .. } => {
            json(&client.unmap_service_account(*organization, account).await?)
        }
        _ => Ok(Value::Null),
    }
}

fn json(answer: &impl Serialize) -> Result<Value, ClientError> {
    serde_json::to_value(answer).map_err(|error| ClientError::Broken(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use happening_core::id::BookingId;
    use happening_core::wire::UpdateEvent;
    use uuid::Uuid;

    fn booking(n: u128, event: u128, status: BookingStatus) -> BookingRef {
        BookingRef {
            id: BookingId(Uuid::from_u128(n)),
            event: EventId(Uuid::from_u128(event)),
            event_name: "Gala".to_owned(),
            user: UserId(Uuid::from_u128(9)),
            who: "ada".to_owned(),
            status,
            count: 2,
            seats: vec![3, 4],
        }
    }

    #[test]
    fn cancellations_at_one_event_are_one_question() {
        let confirmed = |n, event| Command::Cancel(booking(n, event, BookingStatus::Confirmed));
        let gone = Command::Cancel(booking(5, 1, BookingStatus::Cancelled));
        let commands = [confirmed(1, 1), confirmed(2, 2), confirmed(3, 1), gone];
        let asked: Vec<Vec<u128>> = questions(commands.iter())
            .into_iter()
            .map(|question| match question.asked {
                Asked::Simulate(simulate) => simulate.cancel.iter().map(|id| id.0.as_u128()).collect(),
                Asked::Resize(_) => Vec::new(),
            })
            .collect();
        assert_eq!(asked, [vec![1, 3], vec![2]]);
    }

    #[test]
    fn single_seats_and_a_capacity_are_asked_for_as_they_are() {
        let some = Command::CancelSeats(booking(1, 1, BookingStatus::Confirmed), vec![4]);
        let update = |total_slots| Command::UpdateEvent {
            event: EventId(Uuid::from_u128(1)),
            name: "Gala".to_owned(),
            update: Box::new(UpdateEvent { total_slots, ..UpdateEvent::default() }),
        };
        let commands = [some, update(Some(9)), update(None)];
        let asked: Vec<Asked> =
            questions(commands.iter()).into_iter().map(|question| question.asked).collect();
        let [Asked::Simulate(simulate), Asked::Resize(9)] = &asked[..] else { panic!("other questions") };
        assert_eq!(simulate.seat_numbers.as_deref(), Some(&[4][..]));
    }
}
