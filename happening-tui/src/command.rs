//! What a person has the daemon change. Each is tried first, so that the dialog can say what will happen.
//!
//! Add one: a variant, its words here, its call in [`crate::runner`], who offers it in [`crate::update`].

use crate::text;
use happening_core::id::{BookingId, EventId, InviteId, NotificationId, OrganizationId, ParkedId, UserId};
use happening_core::wire::{
    Adjacent, BookingStatus, CreateBooking, CreateEvent, EventStatus, MapServiceAccount, OrganizationStatus,
    Role, UpdateEvent, UpdateOrganization, UserStatus, WaitsForLess,
};

/// A booking, as far as dialogs need to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingRef {
    /// Its id.
    pub id: BookingId,
    /// The event.
    pub event: EventId,
    /// What the event is called; fit for a terminal.
    pub event_name: String,
    /// Whose it is.
    pub user: UserId,
    /// What they are called; fit for a terminal.
    pub who: String,
    /// Where it is in its life.
    pub status: BookingStatus,
    /// How many seats.
    pub count: u32,
    /// Which ones, as far as known.
    pub seats: Vec<u32>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Book for a person, or wait.
    Book { create: CreateBooking, who: String, event_name: String },
    /// Cancel a booking, or leave the waitlist.
    Cancel(BookingRef),
    /// Give some of its seats back.
    CancelSeats(BookingRef, Vec<u32>),
    /// Give it other seats.
    Move(BookingRef, Vec<u32>),
    /// Serve one waiting party out of turn.
    Promote(BookingRef),
    /// Serve the line with what is free.
    Serve { event: EventId, name: String },
    /// Publish an event.
    CreateEvent(Box<CreateEvent>),
    /// Change an event.
    UpdateEvent { event: EventId, name: String, update: Box<UpdateEvent> },
    /// Take an event out of every list.
    DeleteEvent { event: EventId, name: String },
    /// Hand an event to another organizer.
    Reassign { event: EventId, name: String, to: UserId, who: String },
    /// Publish something parked again: what it is.
    Requeue(ParkedId, String),
    /// Throw something parked away: what it is.
    Discard(ParkedId, String),
    /// Deliver a notification again: what it is.
    Resend(NotificationId, String),
    /// Make counters and derived figures right, of one event or of all.
    Heal(Option<(EventId, String)>),
    /// Set a member's role.
    SetRole { organization: OrganizationId, user: UserId, who: String, role: Role },
    /// Remove a member.
    RemoveMember { organization: OrganizationId, user: UserId, who: String },
    /// Invite somebody.
    Invite { organization: OrganizationId, email: String, role: Role, message: Option<String> },
    /// Invite again.
    ResendInvite(InviteId, String),
    /// Take an invite back.
    RevokeInvite(InviteId, String),
    /// Suspend a person, or let them act again.
    SetUserStatus { user: UserId, who: String, status: UserStatus },
    /// Suspend an organization, or let it go on.
    SetOrganizationStatus { organization: OrganizationId, name: String, status: OrganizationStatus },
    /// Change what an organization decides.
    UpdateOrganization { organization: OrganizationId, name: String, update: Box<UpdateOrganization> },
    /// Hand an organization to another owner.
    Transfer { organization: OrganizationId, name: String, to: UserId, who: String },
    /// Give a service account a role.
    MapServiceAccount { organization: OrganizationId, name: String, map: MapServiceAccount },
    /// Take it away.
    UnmapServiceAccount { organization: OrganizationId, name: String, client: String },
}

impl Command {
    /// The button that has it done.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Book { .. } => "Book",
            Self::Cancel(booking) if booking.status == BookingStatus::Waiting => "Take off the waitlist",
            Self::Cancel(_) => "Cancel the booking",
            Self::CancelSeats(..) => "Cancel these seats",
            Self::Move(..) => "Move",
            Self::Promote(_) => "Promote out of turn",
            Self::Serve { .. } => "Serve the line",
            Self::CreateEvent(_) => "Publish",
            Self::UpdateEvent { update, .. } if update.status == Some(EventStatus::Cancelled) => "Call off",
            Self::UpdateEvent { update, .. } if update.sales_paused == Some(true) => "Pause",
            Self::UpdateEvent { update, .. } if update.sales_paused == Some(false) => "Resume",
            Self::UpdateEvent { .. } | Self::UpdateOrganization { .. } => "Change",
            Self::DeleteEvent { .. } => "Delete",
            Self::Reassign { .. } | Self::Transfer { .. } => "Hand over",
            Self::Requeue(..) => "Requeue",
            Self::Discard(..) => "Discard",
            Self::Resend(..) => "Send again",
            Self::Heal(_) => "Heal",
            Self::SetRole { .. } => "Set the role",
            Self::RemoveMember { .. } => "Remove",
            Self::Invite { .. } => "Invite",
            Self::ResendInvite(..) => "Invite again",
            Self::RevokeInvite(..) => "Revoke",
            Self::SetUserStatus { status: UserStatus::Suspended, .. }
            | Self::SetOrganizationStatus { status: OrganizationStatus::Suspended, .. } => "Suspend",
            Self::SetUserStatus { .. } | Self::SetOrganizationStatus { .. } => "Resume",
            Self::MapServiceAccount { .. } => "Give the role",
            Self::UnmapServiceAccount { .. } => "Take the role away",
        }
    }

    /// Whether it takes something away from somebody.
    pub fn is_destructive(&self) -> bool {
        match self {
            Self::Cancel(_)
            | Self::CancelSeats(..)
            | Self::DeleteEvent { .. }
            | Self::Discard(..)
            | Self::RemoveMember { .. }
            | Self::RevokeInvite(..)
            | Self::UnmapServiceAccount { .. }
            | Self::SetUserStatus { status: UserStatus::Suspended, .. }
            | Self::SetOrganizationStatus { status: OrganizationStatus::Suspended, .. } => true,
            Self::UpdateEvent { update, .. } => update.status == Some(EventStatus::Cancelled),
            _ => false,
        }
    }

    /// What it is, in a line.
    pub fn about(&self) -> String {
        match self {
            Self::Book { create, who, event_name } => {
                let which = match &create.seat_numbers {
                    Some(seats) => text::named_seats(seats),
                    None => text::count(create.seats, "seat", "seats") + nearness(create.adjacent),
                };
                format!("Book {which} at “{event_name}” for {who}")
            }
            Self::Cancel(booking) if booking.status == BookingStatus::Waiting => {
                let seats = text::count(booking.count, "seat", "seats");
                format!("{} no longer waits for {seats} at “{}”", booking.who, booking.event_name)
            }
            Self::Cancel(booking) => {
                format!("{} loses {} at “{}”", booking.who, seats_of(booking), booking.event_name)
            }
            Self::CancelSeats(booking, seats) => {
                format!("{} loses {} at “{}”", booking.who, text::named_seats(seats), booking.event_name)
            }
            Self::Move(booking, seats) => {
                let from = seats_of(booking);
                format!(
                    "{} moves from {from} to {} at “{}”",
                    booking.who,
                    text::named_seats(seats),
                    booking.event_name
                )
            }
            Self::Promote(booking) => {
                let seats = text::count(booking.count, "seat", "seats");
                format!(
                    "{} gets {seats} at “{}” before everybody else in line",
                    booking.who, booking.event_name
                )
            }
            Self::Serve { name, .. } => {
                format!("Serve the waitlist of “{name}” with the seats that are free")
            }
            Self::CreateEvent(create) => {
                let seats = text::count(create.total_slots, "seat", "seats");
                format!(
                    "Publish “{}”, {}, {seats}",
                    text::visible(&create.name),
                    text::visible(&create.event_date)
                )
            }
            Self::UpdateEvent { name, update, .. } => changed(name, update),
            Self::DeleteEvent { name, .. } => format!("“{name}” goes out of every list"),
            Self::Reassign { name, who, .. } => format!("“{name}” is organized by {who}"),
            Self::Requeue(_, what) => format!("Publish again: {what}"),
            Self::Discard(_, what) => format!("Throw away: {what}"),
            Self::Resend(_, what) => format!("Deliver again: {what}"),
            Self::Heal(None) => "Make all counters and derived figures right".to_owned(),
            Self::Heal(Some((_, name))) => format!("Make counters and derived figures of “{name}” right"),
            Self::SetRole { who, role, .. } => format!("{who} becomes {role}"),
            Self::RemoveMember { who, .. } => format!("{who} is no member any more"),
            Self::Invite { email, role, .. } => format!("Invite {} as {role}", text::visible(email)),
            Self::ResendInvite(_, email) => format!("Invite {email} again: a new token, seven more days"),
            Self::RevokeInvite(_, email) => format!("{email} can no longer accept"),
            other => other.about_governance(),
        }
    }

    /// The same of what concerns organizations and accounts.
    fn about_governance(&self) -> String {
        match self {
            Self::SetUserStatus { who, status: UserStatus::Suspended, .. } => {
                format!("{who} is suspended: refused everywhere until resumed")
            }
            Self::SetUserStatus { who, .. } => format!("{who} may act again"),
            Self::SetOrganizationStatus { name, status: OrganizationStatus::Suspended, .. } => {
                format!("“{name}” is suspended: nothing in it can be booked or changed until it is resumed")
            }
            Self::SetOrganizationStatus { name, .. } => format!("“{name}” goes on"),
            Self::UpdateOrganization { name, update, .. } => format!("Change “{name}”: {}", decided(update)),
            Self::Transfer { name, who, .. } => format!("“{name}” belongs to {who}"),
            Self::MapServiceAccount { name, map, .. } => {
                format!("Service account {} becomes {} of “{name}”", text::visible(&map.client_id), map.role)
            }
            Self::UnmapServiceAccount { name, client, .. } => {
                format!("Service account {} has no role in “{name}” any more", text::visible(client))
            }
            _ => String::new(),
        }
    }
}

/// The seats of a booking, by number where they are known.
pub fn seats_of(booking: &BookingRef) -> String {
    if booking.seats.is_empty() {
        text::count(booking.count, "seat", "seats")
    } else {
        text::named_seats(&booking.seats)
    }
}

/// What the person of a booking waits for less, because seats are given back; from the answer to a cancellation.
pub fn lessened(who: &str, answer: &serde_json::Value) -> Option<String> {
    let all: Vec<WaitsForLess> = serde_json::from_value(answer["lessened"].clone()).ok()?;
    let said = |less: &WaitsForLess| {
        let by = text::count(less.by, "seat", "seats");
        match less.rest {
            0 => format!("{who} also leaves the waitlist: the rest of the same request waited for {by}"),
            rest => format!("{who} also waits for {by} less, as seats are given back: {rest} remain"),
        }
    };
    (!all.is_empty()).then(|| all.iter().map(said).collect::<Vec<_>>().join("; "))
}

fn nearness(adjacent: Adjacent) -> &'static str {
    match adjacent {
        Adjacent::No => "",
        Adjacent::Preferred => ", together if possible",
        Adjacent::Required => ", together or not at all",
    }
}

/// What an update of an organization changes, in words.
fn decided(update: &UpdateOrganization) -> String {
    let mut changes = Vec::new();
    if let Some(name) = &update.name {
        changes.push(format!("name “{}”", text::visible(name)));
    }
    let settings = update.settings.clone().unwrap_or_default();
    let mut set = |what: &str, value: Option<Option<String>>| match value {
        Some(Some(value)) => changes.push(format!("{what} {}", text::visible(&value))),
        Some(None) => changes.push(format!("no {what}")),
        None => {}
    };
    set("time zone", settings.timezone);
    set("waitlist of new events", settings.waitlist_policy.map(|one| one.map(|one| one.to_string())));
    set("contact", settings.contact);
    changes.join(", ")
}

/// What an update changes, in words.
fn changed(event: &str, update: &UpdateEvent) -> String {
    let mut changes = Vec::new();
    match update.status {
        Some(EventStatus::Cancelled) => return format!("Call off “{event}”"),
        Some(status) => changes.push(format!("status {status}")),
        None => {}
    }
    if let Some(name) = &update.name {
        changes.push(format!("name “{}”", text::visible(name)));
    }
    if let Some(seats) = update.total_slots {
        changes.push(format!("{} seats", text::number(seats)));
    }
    if let Some(date) = &update.event_date {
        changes.push(format!("date {}", text::visible(date)));
    }
    match &update.event_end {
        Some(Some(end)) => changes.push(format!("end {}", text::visible(end))),
        Some(None) => changes.push("the usual end".to_owned()),
        None => {}
    }
    match &update.bookings_close_at {
        Some(Some(at)) => changes.push(format!("bookings until {}", text::visible(at))),
        Some(None) => changes.push("bookings until it starts".to_owned()),
        None => {}
    }
    match update.category {
        Some(Some(category)) => changes.push(format!("category {category}")),
        Some(None) => changes.push("no category".to_owned()),
        None => {}
    }
    if let Some(policy) = update.waitlist_policy {
        changes.push(format!("{policy} waitlist"));
    }
    if let Some(limit) = update.bypass_limit {
        changes.push(format!("bypass limit {limit}"));
    }
    match update.waitlist_limit {
        Some(Some(limit)) => changes.push(format!("waitlist limit {limit}")),
        Some(None) => changes.push("no waitlist limit".to_owned()),
        None => {}
    }
    match update.max_seats_per_booking {
        Some(Some(limit)) => {
            let seats = text::count(limit, "seat", "seats");
            changes.push(format!("at most {seats} a booking"));
        }
        Some(None) => changes.push("no booking limit".to_owned()),
        None => {}
    }
    match update.sales_paused {
        Some(true) => return format!("Pause the sales of “{event}”"),
        Some(false) => return format!("Go on with the sales of “{event}”"),
        None => {}
    }
    match update.description {
        Some(Some(_)) => changes.push("another description".to_owned()),
        Some(None) => changes.push("no description".to_owned()),
        None => {}
    }
    format!("Change “{event}”: {}", changes.join(", "))
}
