//! What is under the cursor, as the things that it stands for.

use super::data::of;
use super::table::RowKey;
use super::{Model, Pane, Screen, data};
use crate::command::BookingRef;
use crate::text;
use happening_core::id::{BookingId, EventId, InviteId, NotificationId, OrganizationId, ParkedId, UserId};
use happening_core::wire::{
    BookingStatus, Event, FoundUser, Invite, Member, Organization, ParkedKind, ServiceAccount,
};

impl Model {
    /// The event under the cursor of a table of events.
    pub fn selected_event(&self, pane: Pane) -> Option<EventId> {
        match self.table_of(pane)?.key()? {
            RowKey::Event(id) => Some(*id),
            _ => None,
        }
    }

    /// The event that the screen is about: the open one, or the one under the cursor.
    pub fn target_event(&self) -> Option<EventId> {
        match self.screen {
            Screen::Event => self.event.as_ref().map(|event| event.id),
            Screen::Events => self.selected_event(Pane::Events),
            Screen::Waitlists => self.selected_event(Pane::WaitingEvents),
            Screen::Redis => self.selected_event(Pane::Counters),
            Screen::Bookings => self.target_booking().map(|booking| booking.event),
            Screen::Queue => self.parked_event(),
            _ => None,
        }
    }

    fn parked_event(&self) -> Option<EventId> {
        match self.table()?.key()? {
            RowKey::Parked(id) => self.data.parked.iter().find(|parked| parked.id == *id)?.event_id,
            RowKey::Notification(id) => self.data.undelivered.iter().find(|told| told.id == *id)?.event_id,
            _ => None,
        }
    }

    /// The same with all that is known of it.
    pub fn target(&self) -> Option<&Event> {
        self.data.event(self.target_event()?)
    }

    /// The organization under the cursor.
    pub fn selected_organization(&self) -> Option<OrganizationId> {
        match self.table_of(Pane::Organizations)?.key()? {
            RowKey::Organization(id) => Some(*id),
            _ => None,
        }
    }

    /// The person under the cursor of a table of people.
    pub fn selected_person(&self, pane: Pane) -> Option<UserId> {
        match self.table_of(pane)?.key()? {
            RowKey::Person(id) => Some(*id),
            _ => None,
        }
    }

    /// The member under the cursor.
    pub fn selected_member(&self) -> Option<&Member> {
        let id = self.selected_person(Pane::Members)?;
        of(&self.data.members, &self.selected_organization()?)?.iter().find(|member| member.id == id)
    }

    /// The invite under the cursor.
    pub fn selected_invite(&self) -> Option<&Invite> {
        let id: InviteId = match self.table_of(Pane::Invites)?.key()? {
            RowKey::Invite(id) => *id,
            _ => return None,
        };
        of(&self.data.invites, &self.selected_organization()?)?.iter().find(|invite| invite.id == id)
    }

    /// The organization under the cursor with all that is known of it.
    pub fn organization(&self) -> Option<&Organization> {
        let id = self.selected_organization()?;
        self.data.organizations.iter().find(|one| one.id == id)
    }

    /// The service account under the cursor.
    pub fn selected_service_account(&self) -> Option<&ServiceAccount> {
        let RowKey::ServiceAccount(client) = self.table_of(Pane::ServiceAccounts)?.key()? else {
            return None;
        };
        let accounts = of(&self.data.service_accounts, &self.selected_organization()?)?;
        accounts.iter().find(|account| account.client_id == *client)
    }

    /// The person under the cursor of the search.
    pub fn found_person(&self) -> Option<&FoundUser> {
        let id = self.selected_person(Pane::People)?;
        self.data.found(&self.people_wanted)?.iter().find(|person| person.id == id)
    }

    /// The booking under the cursor: of a table, or of the seat map.
    pub fn target_booking(&self) -> Option<BookingRef> {
        match self.pane() {
            Pane::Seats => {
                let seat = self.event.as_ref()?.number();
                self.booking_at(self.data.sitting.get(&seat).copied()?)
            }
            pane => match self.table_of(pane)?.key()? {
                RowKey::Booking(id) => self.booking(pane, *id),
                _ => None,
            },
        }
    }

    /// Every booking that is marked, or else the one under the cursor.
    pub fn target_bookings(&self) -> Vec<BookingRef> {
        let pane = self.pane();
        let Some(table) = self.table_of(pane) else { return self.target_booking().into_iter().collect() };
        let keys = table.targets();
        let ids = keys.iter().filter_map(|key| match key {
            RowKey::Booking(id) => Some(*id),
            _ => None,
        });
        ids.filter_map(|id| self.booking(pane, id)).collect()
    }

    /// A booking in one of the tables that show bookings.
    pub fn booking(&self, pane: Pane, id: BookingId) -> Option<BookingRef> {
        match pane {
            Pane::Line => self.party(self.event.as_ref()?.id, id),
            Pane::Parties => self.party(self.selected_event(Pane::WaitingEvents)?, id),
            Pane::EventBookings => {
                let (bookings, _) = of(&self.data.bookings_at, &self.event.as_ref()?.id)?;
                self.booking_at(bookings.iter().position(|found| found.booking.id == id)?)
            }
            Pane::PersonBookings => {
                let person = self.selected_person(Pane::People)?;
                let found =
                    of(&self.data.bookings_of, &person)?.iter().find(|booking| booking.booking_id == id)?;
                let known =
                    of(&self.data.booking, &id).and_then(|(booking, _)| booking.assigned_seats.clone());
                Some(BookingRef {
                    id,
                    event: found.event_id,
                    event_name: text::visible(&found.event_name),
                    user: person,
                    who: self.data.person(person),
                    status: found.status,
                    count: found.seats,
                    seats: known.unwrap_or_default(),
                })
            }
            _ => None,
        }
    }

    fn booking_at(&self, place: usize) -> Option<BookingRef> {
        let (bookings, _) = of(&self.data.bookings_at, &self.event.as_ref()?.id)?;
        let found = bookings.get(place)?;
        let booking = &found.booking;
        let who =
            found.username.as_ref().map_or_else(|| data::short(booking.user_id), |name| text::visible(name));
        Some(BookingRef {
            id: booking.id,
            event: booking.event_id,
            event_name: self.data.event_name(booking.event_id),
            user: booking.user_id,
            who,
            status: booking.status,
            count: booking.seats,
            seats: booking.assigned_seats.clone().unwrap_or_default(),
        })
    }

    fn party(&self, event: EventId, id: BookingId) -> Option<BookingRef> {
        let party = of(&self.data.line, &event)?.iter().find(|party| party.booking_id == id)?;
        let who =
            party.username.as_ref().map_or_else(|| data::short(party.user_id), |name| text::visible(name));
        Some(BookingRef {
            id,
            event,
            event_name: self.data.event_name(event),
            user: party.user_id,
            who,
            status: BookingStatus::Waiting,
            count: party.seats,
            seats: Vec::new(),
        })
    }

    /// What a parked message is, and whom it concerns.
    pub fn parked_words(&self, id: ParkedId) -> String {
        let Some(parked) = self.data.parked.iter().find(|parked| parked.id == id) else {
            return id.to_string();
        };
        let what = match (parked.notification_type, parked.kind) {
            (Some(kind), _) => kind.as_str().replace('_', " "),
            (None, ParkedKind::Notification) => "a notification".to_owned(),
            (None, ParkedKind::Message) => "a message".to_owned(),
        };
        self.concerning(&what, parked.user_id, parked.event_id)
    }

    /// The same of a notification that did not arrive.
    pub fn notification_words(&self, id: NotificationId) -> String {
        match self.data.undelivered.iter().find(|told| told.id == id) {
            Some(told) => {
                self.concerning(&told.kind.as_str().replace('_', " "), Some(told.user_id), told.event_id)
            }
            None => id.to_string(),
        }
    }

    fn concerning(&self, what: &str, user: Option<UserId>, event: Option<EventId>) -> String {
        let who = user.map(|id| format!(" for {}", self.data.person(id))).unwrap_or_default();
        let at = event.map(|id| format!(" at “{}”", self.data.event_name(id))).unwrap_or_default();
        format!("{what}{who}{at}")
    }

    /// The person that the row under the cursor is about, with what they are called.
    pub fn target_person(&self) -> Option<(UserId, String)> {
        if let Some(booking) = self.target_booking() {
            return Some((booking.user, booking.who));
        }
        let id = match (self.pane(), self.table()?.key()?) {
            (_, RowKey::Person(id)) => *id,
            (Pane::Undelivered, RowKey::Notification(id)) => {
                self.data.undelivered.iter().find(|told| told.id == *id)?.user_id
            }
            (_, RowKey::Parked(id)) => self.data.parked.iter().find(|parked| parked.id == *id)?.user_id?,
            (Pane::Audit, RowKey::Number(id)) => {
                self.data.audit.iter().find(|record| record.id == *id)?.actor_id?
            }
            _ => return None,
        };
        Some((id, self.data.person(id)))
    }
}
