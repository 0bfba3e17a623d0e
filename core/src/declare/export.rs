//! What is there, as a declaration that changes nothing.

use super::document::{
    At, Declaration, DeclaredEvent, DeclaredInvite, DeclaredMember, DeclaredOrganization,
    DeclaredServiceAccount, VERSION,
};
use super::people::is_declarable;
use super::plan::Actual;
use crate::booking::DEFAULT_BYPASS_LIMIT;
use crate::date;
use crate::fields::address_key;
use crate::id::UserId;
use crate::wire::{Event, InviteStatus, Member, Organization, UserKind, WaitlistPolicy};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::HashMap;

/// The declaration of an organization: by names rather than ids wherever these are clear, in an order that does not depend
/// on the daemon's.
pub fn export(organization: &Organization, actual: &Actual) -> Declaration {
    let settings = &organization.settings;
    let names = names(&actual.members);
    Declaration {
        happening: VERSION.into(),
        organization: DeclaredOrganization {
            id: None,
            name: organization.name.clone().into(),
            timezone: settings.timezone.clone().map(At::from).map(Some),
            waitlist_policy: settings.waitlist_policy.map(Some),
            contact: settings.contact.clone().map(At::from).map(Some),
            language: settings.language.clone().map(At::from).map(Some),
            color: settings.color.clone().map(At::from).map(Some),
            event_minutes: settings.event_minutes.map(At::from).map(Some),
        },
        members: Some(members(&actual.members, &names)),
        invites: Some(invites(actual)),
        service_accounts: Some(service_accounts(actual)),
        events: Some(events(organization, &actual.events, &names)),
    }
}

/// What members are called: by address, unless they have none or share it.
fn names(members: &[Member]) -> HashMap<UserId, String> {
    let mut shared: HashMap<String, usize> = HashMap::new();
    for member in members {
        *shared.entry(address_key(&member.email)).or_default() += 1;
    }
    let is_clear = |member: &Member| !member.email.is_empty() && shared[&address_key(&member.email)] == 1;
    let name =
        |member: &Member| if is_clear(member) { member.email.clone() } else { member.username.clone() };
    members.iter().map(|member| (member.id, name(member))).collect()
}

fn members(members: &[Member], names: &HashMap<UserId, String>) -> Vec<At<DeclaredMember>> {
    let people = members.iter().filter(|member| member.kind == UserKind::Person);
    let mut declared: Vec<_> = people
        .map(|member| DeclaredMember { who: names[&member.id].clone().into(), role: member.role })
        .collect();
    declared.sort_by(|one, other| {
        (Reverse(one.role), &one.who.value).cmp(&(Reverse(other.role), &other.who.value))
    });
    declared.into_iter().map(At::from).collect()
}

fn invites(actual: &Actual) -> Vec<At<DeclaredInvite>> {
    let pending = actual
        .invites
        .iter()
        .filter(|invite| invite.status == InviteStatus::Pending && is_declarable(invite));
    let mut declared: Vec<_> = pending
        .map(|invite| DeclaredInvite {
            email: invite.email.clone().into(),
            role: invite.role,
            message: invite.message.clone(),
        })
        .collect();
    declared.sort_by(|one, other| one.email.value.cmp(&other.email.value));
    declared.into_iter().map(At::from).collect()
}

fn service_accounts(actual: &Actual) -> Vec<At<DeclaredServiceAccount>> {
    let mut declared: Vec<_> = actual
        .service_accounts
        .iter()
        .map(|account| DeclaredServiceAccount {
            client_id: account.client_id.clone().into(),
            role: account.role,
        })
        .collect();
    declared.sort_by(|one, other| one.client_id.value.cmp(&other.client_id.value));
    declared.into_iter().map(At::from).collect()
}

fn events(
    organization: &Organization,
    events: &[Event],
    names: &HashMap<UserId, String>,
) -> Vec<At<DeclaredEvent>> {
    let mut same: HashMap<(&str, DateTime<Utc>), usize> = HashMap::new();
    for event in events {
        *same.entry((&event.name, event.event_date)).or_default() += 1;
    }
    let mut sorted: Vec<&Event> = events.iter().collect();
    sorted.sort_by(|one, other| {
        (one.event_date, &one.name, one.id).cmp(&(other.event_date, &other.name, other.id))
    });
    let declared = sorted.into_iter().map(|event| {
        let is_clear = same[&(event.name.as_str(), event.event_date)] == 1;
        At::from(DeclaredEvent {
            id: (!is_clear).then(|| event.id.into()),
            // An organizer who left is nobody that the file could name.
            organizer: names.get(&event.created_by).cloned().map(At::from),
            ..declared(organization, event)
        })
    });
    declared.collect()
}

/// What goes without saying is left out: a new event has it too.
fn declared(organization: &Organization, event: &Event) -> DeclaredEvent {
    let usual = organization.settings.waitlist_policy.unwrap_or(WaitlistPolicy::Split);
    let zone = organization.settings.timezone.as_deref();
    let write = |at: DateTime<Utc>| At::from(date::write(at, zone));
    let usual_end = event.event_date.checked_add_signed(organization.settings.event_length());
    DeclaredEvent {
        id: None,
        name: event.name.clone().into(),
        date: date::write(event.event_date, zone).into(),
        seats: event.total_slots.into(),
        end: event.event_end.filter(|end| Some(*end) != usual_end).map(write),
        bookings_close_at: event.bookings_close_at.map(|at| Some(write(at))),
        description: event.description.clone().filter(|text| !text.is_empty()).map(At::from).map(Some),
        category: event.category.map(Some),
        // Which of these two it is follows from the clock: a file of the evening would undo the end of the event.
        status: Some(event.status).filter(|status| !status.is_live()),
        organizer: None,
        waitlist_policy: Some(event.waitlist_policy).filter(|policy| *policy != usual),
        bypass_limit: Some(event.bypass_limit).filter(|limit| *limit != DEFAULT_BYPASS_LIMIT),
        waitlist_limit: event.waitlist_limit.map(Some),
        max_seats_per_booking: event.max_seats_per_booking.map(Some),
        sales_paused: Some(event.sales_paused).filter(|paused| *paused),
    }
}
