//! Whether something can be done now, and the reason if not: what is under the cursor, and what the person's roles permit.

use super::Availability::{self, Disabled, Hidden, Ready};
use crate::model::{EventScreen, Model, Pane, RowKey, SignInState};
use happening_core::wire::{BookingStatus, EventStatus, InviteStatus, Organization, OrganizationStatus};

const READ_ONLY: &str = "this run is read-only (--read-only)";
const OPERATORS: &str = "only operators may do this";
const RUNNERS: &str = "you do not run this event";
const ADMINS: &str = "you do not govern this organization";
const NO_EVENT: &str = "no event here";
const NO_BOOKING: &str = "no booking here";

pub fn always(_: &Model) -> Availability {
    Ready
}

fn writes(model: &Model, then: impl FnOnce() -> Availability) -> Availability {
    if model.options.read_only { Disabled(READ_ONLY) } else { then() }
}

pub fn on_a_row(model: &Model) -> Availability {
    match model.table().and_then(|table| table.key()) {
        Some(_) => Ready,
        None => Disabled("nothing here"),
    }
}

pub fn on_an_event(model: &Model) -> Availability {
    if model.target_event().is_some() { Ready } else { Disabled(NO_EVENT) }
}

pub fn with_errors(model: &Model) -> Availability {
    if model.notices.is_empty() { Disabled("no errors") } else { Ready }
}

pub fn with_undo(model: &Model) -> Availability {
    writes(model, || if model.undo.is_some() { Ready } else { Disabled("nothing to take back") })
}

pub fn can_retry(model: &Model) -> Availability {
    match model.signin.as_ref().map(|signin| &signin.state) {
        Some(SignInState::Looking) => Disabled("a sign-in is under way"),
        Some(_) => Ready,
        None => Hidden,
    }
}

pub fn filtered(model: &Model) -> Availability {
    match model.table() {
        Some(table) if table.filter.editing || table.filter.is_active() => Ready,
        _ => Hidden,
    }
}

pub fn can_go_back(model: &Model) -> Availability {
    if model.trail.back.is_empty() { Disabled("this is where you began") } else { Ready }
}

pub fn can_go_forward(model: &Model) -> Availability {
    if model.trail.forward.is_empty() { Disabled("you did not go back") } else { Ready }
}

pub fn with_panes(model: &Model) -> Availability {
    if model.screen.panes().len() > 1 { Ready } else { Disabled("this screen has one pane") }
}

pub fn with_contexts(model: &Model) -> Availability {
    if model.options.contexts.is_empty() {
        Disabled("no contexts: `happening context add` makes one")
    } else {
        Ready
    }
}

pub fn publishes(model: &Model) -> Availability {
    let me = model.me();
    writes(model, || {
        if me.operator && !model.data.organizations.is_empty() || me.publishes_in().next().is_some() {
            Ready
        } else {
            Disabled("only operators, organizers and admins of an organization may publish events")
        }
    })
}

pub fn runs(model: &Model) -> Availability {
    match model.target() {
        None => Disabled(NO_EVENT),
        Some(event) => writes(model, || if model.me().runs(event) { Ready } else { Disabled(RUNNERS) }),
    }
}

pub fn runs_upcoming(model: &Model) -> Availability {
    match (runs(model), model.target()) {
        (Ready, Some(event)) if event.status == EventStatus::Cancelled => {
            Disabled("it is called off already")
        }
        (available, _) => available,
    }
}

pub fn governs(model: &Model) -> Availability {
    match model.target() {
        None => Disabled(NO_EVENT),
        Some(event) => {
            writes(model, || if model.me().governs(event.org_id) { Ready } else { Disabled(ADMINS) })
        }
    }
}

pub fn books(model: &Model) -> Availability {
    writes(model, || on_an_event(model))
}

/// A booking that holds seats or waits.
pub fn on_an_open_booking(model: &Model) -> Availability {
    let bookings = model.target_bookings();
    let open = bookings.iter().any(|booking| booking.status != BookingStatus::Cancelled);
    match (bookings.is_empty(), open) {
        (true, _) => Disabled(NO_BOOKING),
        (false, false) => Disabled("it is cancelled already"),
        (false, true) => writes(model, || Ready),
    }
}

pub fn on_a_confirmed_booking(model: &Model) -> Availability {
    match model.target_booking().map(|booking| booking.status) {
        None => Disabled(NO_BOOKING),
        Some(BookingStatus::Confirmed) => writes(model, || Ready),
        Some(_) => Disabled("it has no seats"),
    }
}

pub fn on_a_waiting_booking(model: &Model) -> Availability {
    let Some(booking) = model.target_booking() else { return Disabled(NO_BOOKING) };
    if booking.status != BookingStatus::Waiting {
        return Disabled("it does not wait");
    }
    let runs = model.data.event(booking.event).is_some_and(|event| model.me().runs(event));
    writes(model, || if runs || model.me().operator { Ready } else { Disabled(RUNNERS) })
}

pub fn on_a_person(model: &Model) -> Availability {
    if model.target_person().is_some() { Ready } else { Disabled("nobody here") }
}

pub fn on_a_seat(model: &Model) -> Availability {
    match model.event.as_ref().and_then(EventScreen::seat) {
        Some(_) => Ready,
        None => Disabled("no seat here"),
    }
}

pub fn operates(model: &Model) -> Availability {
    if !model.me().operator {
        return Disabled(OPERATORS);
    }
    writes(model, || Ready)
}

pub fn operates_on_a_row(model: &Model) -> Availability {
    match on_a_row(model) {
        Ready => operates(model),
        other => other,
    }
}

/// Governs the organization under the cursor, in which something may be changed now.
pub fn invites(model: &Model) -> Availability {
    in_an_organization(model, |organization| {
        let me = model.me();
        match (me.governs(organization.id), organization.status) {
            (false, _) => Disabled(ADMINS),
            (true, OrganizationStatus::Suspended) if !me.operator => {
                Disabled("the organization is suspended: an operator resumes it")
            }
            (true, _) => Ready,
        }
    })
}

fn in_an_organization(model: &Model, then: impl FnOnce(&Organization) -> Availability) -> Availability {
    match model.organization() {
        None => Disabled("no organization here"),
        Some(organization) if organization.deleted_at.is_some() => Disabled("the organization is deleted"),
        Some(organization) => writes(model, || then(organization)),
    }
}

pub fn suspends_organizations(model: &Model) -> Availability {
    in_an_organization(model, |_| {
        if model.me().operator { Ready } else { Disabled("only operators suspend an organization") }
    })
}

pub fn transfers(model: &Model) -> Availability {
    in_an_organization(model, |organization| {
        let me = model.me();
        let owns = me.user.is_some() && organization.owner_id == me.user;
        if me.operator || owns { Ready } else { Disabled("only its owner and operators hand it over") }
    })
}

pub fn suspends_people(model: &Model) -> Availability {
    let (me, Some(person)) = (model.me(), model.found_person()) else { return Disabled("nobody here") };
    writes(model, || {
        if !me.operator {
            Disabled("only operators suspend people")
        } else if me.user == Some(person.id) {
            Disabled("nobody suspends themselves: ask another operator")
        } else {
            Ready
        }
    })
}

pub fn on_a_service_account(model: &Model) -> Availability {
    if model.selected_service_account().is_some() {
        invites(model)
    } else {
        Disabled("no service account here")
    }
}

pub fn on_a_member(model: &Model) -> Availability {
    if model.selected_member().is_some() { invites(model) } else { Disabled("no member here") }
}

pub fn on_an_open_invite(model: &Model) -> Availability {
    match model.selected_invite().map(|invite| invite.status) {
        None => Disabled("no invite here"),
        Some(InviteStatus::Pending | InviteStatus::Expired) => invites(model),
        Some(_) => Disabled("it was answered"),
    }
}

pub fn removes(model: &Model) -> Availability {
    match model.pane() {
        Pane::Invites => on_an_open_invite(model),
        Pane::ServiceAccounts => on_a_service_account(model),
        _ => on_a_member(model),
    }
}

pub fn searches(model: &Model) -> Availability {
    if model.me().searches() {
        Ready
    } else {
        Disabled("only staff, organizers and admins may look for people")
    }
}

pub fn staff(model: &Model) -> Availability {
    if model.me().is_staff() { Ready } else { Disabled("only operators and support may look at this") }
}

pub fn on_an_event_of_staff(model: &Model) -> Availability {
    match on_an_event(model) {
        Ready => staff(model),
        other => other,
    }
}

pub fn has_an_event(model: &Model) -> Availability {
    let on_one = matches!(model.table().and_then(|table| table.key()), Some(RowKey::Event(_)));
    if model.event.is_some() || on_one { Ready } else { Disabled("open an event first") }
}
