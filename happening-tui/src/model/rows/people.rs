//! Organizations with their members and invites; people with what they have booked and were told.

use super::catalogue::booking_status;
use crate::model::data::{self, of};
use crate::model::table::{Cell, Column, Row, RowKey, Tone, number, text};
use crate::model::{Model, Pane};
use happening_core::wire::{
    BookingStatus, InviteStatus, NotificationStatus, OrganizationStatus, Role, UserKind, UserStatus,
};

pub const ORGANIZATIONS: &[Column] = &[
    text("organization", 12, 0, 10),
    number("members", 4, 8),
    text("status", 8, 9, 7),
    text("owner", 6, 14, 4),
    text("time zone", 6, 16, 1),
    text("founded", 7, 8, 2),
];

pub const MEMBERS: &[Column] =
    &[text("member", 8, 0, 10), text("role", 9, 9, 8), text("e-mail", 10, 30, 5), text("since", 7, 8, 3)];

pub const INVITES: &[Column] = &[
    text("invited", 10, 0, 10),
    text("role", 9, 9, 7),
    text("status", 8, 8, 8),
    text("by", 6, 14, 3),
    text("expires", 12, 12, 5),
];

pub const SERVICE_ACCOUNTS: &[Column] = &[
    text("client", 10, 0, 10),
    text("role", 9, 9, 8),
    text("status", 7, 7, 9),
    text("username", 8, 20, 3),
    text("since", 7, 8, 5),
];

pub const PEOPLE: &[Column] =
    &[text("person", 8, 0, 10), text("name", 6, 24, 6), text("e-mail", 10, 30, 7), text("status", 9, 9, 3)];

pub const PERSON_BOOKINGS: &[Column] = &[
    text("event", 10, 0, 10),
    text("status", 9, 9, 9),
    number("seats", 5, 8),
    text("date (UTC)", 12, 12, 5),
    text("made", 7, 8, 3),
    number("number", 6, 1),
];

pub const TOLD: &[Column] =
    &[text("told", 10, 0, 10), text("what", 8, 18, 5), text("status", 7, 7, 8), text("when", 7, 8, 7)];

pub fn organizations(model: &Model) -> Vec<Row> {
    let mut sorted: Vec<_> = model.data.organizations.iter().collect();
    sorted.sort_by_cached_key(|organization| {
        (organization.deleted_at.is_some(), organization.name.to_lowercase(), organization.id)
    });
    sorted
        .into_iter()
        .map(|organization| {
            let status = match (organization.deleted_at, organization.status) {
                (Some(_), _) => Cell::text("deleted").tone(Tone::Muted),
                (None, OrganizationStatus::Suspended) => Cell::text("suspended").tone(Tone::Bad),
                (None, OrganizationStatus::Active) => Cell::text("active").tone(Tone::Good),
            };
            let cells = vec![
                Cell::text(&organization.name),
                Cell::number(organization.member_count),
                status,
                Cell::maybe(organization.owner_username.as_deref()).tone(Tone::Muted),
                Cell::maybe(organization.settings.timezone.as_deref()).tone(Tone::Muted),
                Cell::since(organization.created_at),
            ];
            Row::new(RowKey::Organization(organization.id), cells).over(organization.deleted_at.is_some())
        })
        .collect()
}

pub fn members(model: &Model) -> Vec<Row> {
    let kept = model.selected_organization().and_then(|id| of(&model.data.members, &id));
    let Some(members) = kept else { return Vec::new() };
    members
        .iter()
        .map(|member| {
            let email = match member.kind {
                UserKind::Person => Cell::text(&member.email),
                UserKind::Service => Cell::text("service account"),
            };
            let role = Cell::text(member.role.as_str()).tone(match member.role {
                Role::OrgAdmin => Tone::Accent,
                Role::Organizer => Tone::Text,
                Role::User => Tone::Muted,
            });
            let cells = vec![
                Cell::text(&member.username),
                role,
                email.tone(Tone::Muted),
                Cell::since(member.joined_at),
            ];
            Row::new(RowKey::Person(member.id), cells)
        })
        .collect()
}

pub fn invites(model: &Model) -> Vec<Row> {
    let kept = model.selected_organization().and_then(|id| of(&model.data.invites, &id));
    let Some(invites) = kept else { return Vec::new() };
    invites
        .iter()
        .map(|invite| {
            let open = invite.status == InviteStatus::Pending;
            let cells = vec![
                Cell::text(&invite.email),
                Cell::text(invite.role.as_str()),
                Cell::text(invite.status.as_str()).tone(if open { Tone::Warn } else { Tone::Muted }),
                Cell::text(&invite.invited_by_username).tone(Tone::Muted),
                Cell::at(invite.expires_at),
            ];
            Row::new(RowKey::Invite(invite.id), cells).over(!open)
        })
        .collect()
}

pub fn service_accounts(model: &Model) -> Vec<Row> {
    let kept = model.selected_organization().and_then(|id| of(&model.data.service_accounts, &id));
    let Some(accounts) = kept else { return Vec::new() };
    accounts
        .iter()
        .map(|account| {
            // Until it accepts, it is only offered the role.
            let (word, tone) = if account.pending { ("asked", Tone::Warn) } else { ("active", Tone::Good) };
            let cells = vec![
                Cell::text(&account.client_id),
                Cell::text(account.role.as_str()),
                Cell::text(word).tone(tone),
                Cell::text(&account.username).tone(Tone::Muted),
                Cell::since(account.joined_at),
            ];
            Row::new(RowKey::ServiceAccount(account.client_id.clone()), cells)
        })
        .collect()
}

pub fn people(model: &Model) -> Vec<Row> {
    let Some(people) = model.data.found(&model.people_wanted) else { return Vec::new() };
    people
        .iter()
        .map(|person| {
            let names: Vec<&str> = [&person.first_name, &person.last_name]
                .into_iter()
                .filter_map(|name| name.as_deref())
                .collect();
            let status = match person.status {
                Some(UserStatus::Active) => Cell::text("active").tone(Tone::Muted),
                Some(UserStatus::Suspended) => Cell::text("suspended").tone(Tone::Bad),
                None => Cell::none(),
            };
            let cells = vec![
                Cell::text(&person.username),
                Cell::maybe((!names.is_empty()).then(|| names.join(" "))).tone(Tone::Muted),
                Cell::text(&person.email).tone(Tone::Muted),
                status,
            ];
            Row::new(RowKey::Person(person.id), cells)
        })
        .collect()
}

pub fn person_bookings(model: &Model) -> Vec<Row> {
    let kept = model.selected_person(Pane::People).and_then(|id| of(&model.data.bookings_of, &id));
    let Some(bookings) = kept else { return Vec::new() };
    bookings
        .iter()
        .map(|booking| {
            let cells = vec![
                Cell::text(&booking.event_name),
                booking_status(booking.status),
                Cell::number(booking.seats),
                Cell::at(booking.event_date),
                Cell::since(booking.created_at),
                booking.waiting_number.map_or_else(Cell::none, Cell::number),
            ];
            Row::new(RowKey::Booking(booking.booking_id), cells)
                .over(booking.status == BookingStatus::Cancelled || booking.event_date < model.minute())
                .found_by(&data::short(booking.event_id))
        })
        .collect()
}

pub fn told(model: &Model) -> Vec<Row> {
    let kept = model.selected_person(Pane::People).and_then(|id| of(&model.data.told, &id));
    let Some(told) = kept else { return Vec::new() };
    told.iter()
        .map(|told| {
            let status = Cell::text(told.status.as_str()).tone(match told.status {
                NotificationStatus::Sent => Tone::Muted,
                NotificationStatus::Pending => Tone::Warn,
                NotificationStatus::Failed => Tone::Bad,
            });
            let cells = vec![
                Cell::text(&told.message),
                Cell::text(told.kind.as_str().replace('_', " ")).tone(Tone::Muted),
                status,
                Cell::since(told.created_at),
            ];
            Row::new(RowKey::Notification(told.id), cells)
        })
        .collect()
}
