//! What is there and not declared, and what speaks against removing it.

use super::document::Declaration;
use super::events::Events;
use super::people::{People, is_declarable};
use super::plan::{Action, Actual, Kind, Plan, State, Step};
use crate::fields::address_key;
use crate::id::EventId;
use crate::wire::{Event, EventStatus, InviteStatus, Member, Role, UserKind};
use std::collections::HashSet;

/// What is to be removed all the same, by the wish of who applies the declaration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruning {
    /// More than half of the members or events.
    pub most: bool,
    /// Events that people booked, be they deleted or only cancelled.
    pub booked: bool,
}

/// Why a plan should not be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// It removes more than half of them: most likely the file is not the whole one.
    Most {
        /// Of what.
        kind: Kind,
        /// How many.
        removed: usize,
        /// Of how many.
        of: usize,
    },
    /// It takes from people what they booked.
    Booked {
        /// The events.
        names: Vec<String>,
    },
}

/// What speaks against a plan, unless it is wanted all the same.
pub fn objections(plan: &Plan, actual: &Actual, wanted: Pruning) -> Vec<Objection> {
    let removed =
        |kind| plan.steps.iter().filter(|step| (step.kind, step.state) == (kind, State::Remove)).count();
    let live = actual.events.iter().filter(|event| event.status.is_live()).count();
    let people = actual.members.iter().filter(|member| member.kind == UserKind::Person).count();
    let counts = [(Kind::Member, people), (Kind::Event, live)].map(|(kind, of)| (kind, removed(kind), of));
    let most = counts.into_iter().filter(|(_, removed, of)| !wanted.most && removed * 2 > *of);
    let mut objections: Vec<_> =
        most.map(|(kind, removed, of)| Objection::Most { kind, removed, of }).collect();
    let booked: HashSet<EventId> = actual
        .events
        .iter()
        .filter(|event| event.status.is_live() && is_booked(event))
        .map(|event| event.id)
        .collect();
    let takes = |step: &&Step| ended_by(step).is_some_and(|event| booked.contains(&event));
    let names: Vec<_> = plan.steps.iter().filter(takes).map(|step| step.name.clone()).collect();
    if !wanted.booked && !names.is_empty() {
        objections.push(Objection::Booked { names });
    }
    objections
}

fn is_booked(event: &Event) -> bool {
    event.available_slots < event.total_slots || event.waiting > 0
}

/// The event that will not take place.
fn ended_by(step: &Step) -> Option<EventId> {
    match step.action.as_ref()? {
        Action::DeleteEvent(event) => Some(*event),
        Action::ChangeEvent { event, draft, .. } if draft.fields.status == Some(EventStatus::Cancelled) => {
            Some(*event)
        }
        _ => None,
    }
}

/// Removals, sorted. Only of kinds that the file lists; never who applies it, never the last orgAdmin, never what is
/// over.
pub(super) fn removals(
    declaration: &Declaration,
    actual: &Actual,
    people: &People,
    events: &Events,
) -> Vec<Step> {
    let mut steps = Vec::new();
    if declaration.members.is_some() {
        steps.extend(members(actual, people));
    }
    if declaration.invites.is_some() {
        let undeclared = actual.invites.iter().filter(|invite| {
            invite.status == InviteStatus::Pending
                && is_declarable(invite)
                && !people.addresses.contains(&address_key(&invite.email))
        });
        steps.extend(
            undeclared
                .map(|invite| Step::remove(Kind::Invite, &invite.email, Action::RevokeInvite(invite.id))),
        );
    }
    if let Some(declared) = &declaration.service_accounts {
        let declared: HashSet<&str> =
            declared.iter().map(|account| account.value.client_id.value.as_str()).collect();
        let undeclared =
            actual.service_accounts.iter().filter(|account| !declared.contains(account.client_id.as_str()));
        steps.extend(undeclared.map(|account| {
            let action = Action::UnmapServiceAccount(account.client_id.clone());
            Step::remove(Kind::ServiceAccount, &account.client_id, action)
        }));
    }
    if declaration.events.is_some() {
        let undeclared =
            actual.events.iter().filter(|event| event.status.is_live() && !events.meant.contains(&event.id));
        let mut undeclared: Vec<&Event> = undeclared.collect();
        undeclared.sort_by_key(|event| (event.event_date, event.id));
        steps.extend(
            undeclared
                .into_iter()
                .map(|event| Step::remove(Kind::Event, &event.name, Action::DeleteEvent(event.id))),
        );
    }
    // Stable: events of one name stay in the order of their dates.
    steps.sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
    steps
}

fn members(actual: &Actual, people: &People) -> Vec<Step> {
    let mut undeclared: Vec<&Member> = actual
        .members
        .iter()
        .filter(|member| member.kind == UserKind::Person && !people.members.contains_key(&member.id))
        .collect();
    undeclared.sort_by(|one, other| one.username.cmp(&other.username));
    let stays = |member: &&Member| {
        let is_kept = actual.caller == Some(member.id) || people.members.contains_key(&member.id);
        let role = people.members.get(&member.id).copied().unwrap_or(member.role);
        is_kept && member.kind == UserKind::Person && role == Role::OrgAdmin
    };
    let is_governed = actual.members.iter().any(|member| stays(&member))
        || people.members.values().any(|role| *role == Role::OrgAdmin);
    let last = undeclared
        .iter()
        .find(|member| !is_governed && member.role == Role::OrgAdmin)
        .map(|member| member.id);
    let step = |member: &&Member| {
        let kept = |why: &str| Step::new(Kind::Member, &member.username, 0).note(why);
        match member.id {
            id if actual.caller == Some(id) => kept("is not declared, and stays: it is you"),
            id if last == Some(id) => kept("is not declared, and stays: the last orgAdmin"),
            id => Step::remove(Kind::Member, &member.username, Action::RemoveMember(id)),
        }
    };
    undeclared.iter().map(step).collect()
}
