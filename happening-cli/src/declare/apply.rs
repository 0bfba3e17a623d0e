//! Takes the steps of a plan, several at a time. One that is refused holds up none of the others.

use super::tally::Fate;
use crate::app::App;
use crate::creation::{once, still};
use futures::{StreamExt as _, stream};
use happening_core::client::{Client, ClientError};
use happening_core::declare::{Action, Draft, Kind, Plan, State};
use happening_core::id::{EventId, OrganizationId};
use happening_core::wire::{
    CreateEvent, CreateInvite, CreateOrganization, ErrorCode, Event, EventStatus, Organization,
    ReassignEvent, UpdateEvent,
};
use std::collections::BTreeMap;

/// Requests at once: a daemon commits them together, and none waits long.
const AT_ONCE: usize = 16;

/// What a step that was taken came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Taken {
    /// It is as declared.
    #[default]
    Done,
    /// Somebody is asked, and has to accept.
    Asked,
}

/// Takes the steps. Returns what came of each, in the order of the steps.
pub async fn apply(
    app: &App<'_>,
    client: &Client,
    organization: OrganizationId,
    plan: &Plan,
) -> Vec<Result<Taken, ClientError>> {
    let mut taken: Vec<Result<Taken, ClientError>> = plan.steps.iter().map(|_| Ok(Taken::Done)).collect();
    let mut todo: Vec<(usize, &Action)> = plan
        .steps
        .iter()
        .enumerate()
        .filter_map(|(index, step)| step.action.as_ref().map(|action| (index, action)))
        .collect();
    todo.sort_by_key(|(index, action)| (action.phase(), *index));
    let bar = app.console.bar(todo.len());
    let rest = "applying the same file again does the rest";
    app.tally.begin(rest, todo.iter().map(|(index, _)| plan.steps[*index].name.clone()));
    let numbered: Vec<_> = todo.into_iter().enumerate().collect();
    let (shown, tally) = (&bar, &app.tally);
    for phase in numbered.chunk_by(|(_, (_, one)), (_, (_, other))| one.phase() == other.phase()) {
        let asked = stream::iter(phase).map(|(number, (index, action))| async move {
            tally.note(*number, Fate::Asked);
            let done = carry_out(client, organization, action).await;
            tally.note(*number, if done.is_ok() { Fate::Made } else { Fate::Refused });
            shown.inc(1);
            (*index, done)
        });
        for (index, done) in asked.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
            taken[index] = done;
        }
    }
    bar.finish_and_clear();
    app.tally.end();
    taken
}

/// Has the daemon try the changes that depend on no other step of the plan: a dry run ends as the real one would. Returns
/// which it would refuse, and why. One after the other, as dry runs of one caller are.
pub async fn try_out(
    app: &App<'_>,
    client: &Client,
    organization: OrganizationId,
    plan: &Plan,
) -> Result<BTreeMap<usize, String>, ClientError> {
    let bar = app.console.bar(plan.steps.len());
    let mut refused = BTreeMap::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let tried = match &step.action {
            Some(Action::UpdateOrganization(update)) => {
                client.update_organization(organization, update).await.map(drop)
            }
            Some(Action::ChangeEvent { event, draft, .. }) if draft.fields != UpdateEvent::default() => {
                client.update_event(*event, &draft.fields).await.map(drop)
            }
            Some(Action::DeleteEvent(event)) => gone(client.delete_event(*event).await.map(drop)),
            _ => Ok(()),
        };
        match tried {
            Ok(()) | Err(ClientError::Tried(_)) => {}
            Err(error @ ClientError::Refused { .. }) => {
                refused.insert(index, error.to_string());
            }
            Err(error) => return Err(error),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(refused)
}

/// Founds the organization of a plan, if it is to be founded.
pub async fn found(client: &Client, plan: &Plan) -> Result<Option<Organization>, ClientError> {
    for step in
        plan.steps.iter().filter(|step| (step.kind, step.state) == (Kind::Organization, State::Create))
    {
        if let Some(Action::CreateOrganization(create)) = &step.action {
            return create_organization(client, create).await.map(Some);
        }
    }
    Ok(None)
}

async fn create_organization(
    client: &Client,
    create: &CreateOrganization,
) -> Result<Organization, ClientError> {
    let text = serde_json::to_string(create).unwrap_or_default();
    let ask = async |key| client.create_organization_once(create, key).await;
    let look = async |made: &Organization| {
        still(client.organization(made.id).await, |found| {
            found.name == create.name && found.deleted_at.is_none()
        })
    };
    let made = once(vec!["organization".to_owned(), text], ask, look, |made| made.id.to_string()).await?;
    Ok(made.value)
}

async fn carry_out(
    client: &Client,
    organization: OrganizationId,
    action: &Action,
) -> Result<Taken, ClientError> {
    let is_asked = match action {
        Action::SetMember { user, role, .. } => client.set_member(organization, *user, *role).await?.invited,
        Action::MapServiceAccount(map) => client.map_service_account(organization, map).await?.pending,
        action => {
            change(client, organization, action).await?;
            matches!(action, Action::Invite { .. } | Action::Resend(_))
        }
    };
    Ok(if is_asked { Taken::Asked } else { Taken::Done })
}

async fn change(client: &Client, organization: OrganizationId, action: &Action) -> Result<(), ClientError> {
    match action {
        // Founded before anything else of the plan, whose other steps need its id. The next two tell who is asked.
        Action::CreateOrganization(_) | Action::SetMember { .. } | Action::MapServiceAccount(_) => Ok(()),
        Action::UpdateOrganization(update) => {
            client.update_organization(organization, update).await.map(drop)
        }
        Action::RemoveMember(user) => gone(client.remove_member(organization, *user).await.map(drop)),
        Action::Invite { email, role, message, instead_of } => {
            if let Some(invite) = instead_of {
                gone(client.revoke_invite(*invite).await.map(drop))?;
            }
            let (email, message) = (email.clone(), message.clone());
            let organization_id = Some(organization);
            let create = CreateInvite { email, role: *role, invited_by: None, message, organization_id };
            match client.send_invite(&create).await {
                // Sent by a request whose answer was lost.
                Err(error) if error.code() == Some(ErrorCode::InvitePending) => Ok(()),
                sent => sent.map(drop),
            }
        }
        Action::Resend(invite) => client.resend_invite(*invite).await.map(drop),
        Action::RevokeInvite(invite) => gone(client.revoke_invite(*invite).await.map(drop)),
        Action::UnmapServiceAccount(account) => {
            gone(client.unmap_service_account(organization, account).await.map(drop))
        }
        Action::CreateEvent(draft) => create_event(client, organization, draft).await,
        Action::ChangeEvent { event, draft, .. } => change_event(client, *event, draft).await,
        Action::DeleteEvent(event) => gone(client.delete_event(*event).await.map(drop)),
    }
}

/// Somebody else may have removed it meanwhile.
fn gone(removed: Result<(), ClientError>) -> Result<(), ClientError> {
    match removed {
        Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(()),
        removed => removed,
    }
}

async fn create_event(
    client: &Client,
    organization: OrganizationId,
    draft: &Draft,
) -> Result<(), ClientError> {
    let fields = &draft.fields;
    let create = CreateEvent {
        org_id: organization,
        created_by: None,
        name: fields.name.clone().unwrap_or_default(),
        description: fields.description.clone().flatten(),
        category: fields.category.flatten(),
        event_date: fields.event_date.clone().unwrap_or_default(),
        event_end: fields.event_end.clone().flatten(),
        bookings_close_at: fields.bookings_close_at.clone().flatten(),
        total_slots: fields.total_slots.unwrap_or_default(),
        waitlist_policy: fields.waitlist_policy,
        bypass_limit: fields.bypass_limit,
        waitlist_limit: fields.waitlist_limit.flatten(),
        max_seats_per_booking: fields.max_seats_per_booking.flatten(),
    };
    let text = serde_json::to_string(&create).unwrap_or_default();
    let ask = async |key| client.create_event_once(&create, key).await;
    let look = async |made: &Event| {
        still(client.event(made.id).await, |found| {
            let ends = matches!(found.status, EventStatus::Completed | EventStatus::Cancelled);
            found.name == create.name && found.event_date.to_rfc3339() == create.event_date && !ends
        })
    };
    let event = once(vec!["event".to_owned(), text], ask, look, |made| made.id.to_string()).await?.value;
    // What an event cannot be born with.
    let status = fields.status.filter(|status| *status != EventStatus::Upcoming);
    let sales_paused = fields.sales_paused.filter(|paused| *paused);
    let fields = UpdateEvent { status, sales_paused, ..UpdateEvent::default() };
    let rest = Draft { fields, organizer: draft.organizer };
    change_event(client, event.id, &rest).await
}

async fn change_event(client: &Client, event: EventId, draft: &Draft) -> Result<(), ClientError> {
    if draft.fields != UpdateEvent::default() {
        client.update_event(event, &draft.fields).await?;
    }
    if let Some(new_created_by) = draft.organizer {
        client.reassign_event(event, &ReassignEvent { new_created_by, requested_by: None }).await?;
    }
    Ok(())
}
