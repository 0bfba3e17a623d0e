//! What the daemon said, as it said it. Tables are made from it by [`crate::model::rows`].

use crate::feed::Query;
use happening_core::id::{BookingId, EventId, OrganizationId, UserId};
use happening_core::wire::{
    AdminStatus, AuditRecord, Booking, BookingWithEvent, CounterKey, Event, EventBooking, FoundUser,
    HistoryEntry, InspectedEvent, Invite, Job, Member, Metrics, Notification, Organization, ParkedMessage,
    QueueStatus, Reconciled, ServiceAccount, UndeliveredNotification, WaitingParty, WhyWaiting,
};
use std::collections::HashMap;

/// Searches for people that are remembered.
const SEARCHES: usize = 8;

/// What was said of one thing, and of which.
pub type Kept<K, V> = Option<(K, V)>;

/// What was said of this thing, if it was of this one.
pub fn of<'a, K: PartialEq, V>(kept: &'a Kept<K, V>, key: &K) -> Option<&'a V> {
    kept.as_ref().filter(|(of, _)| of == key).map(|(_, said)| said)
}

/// Everything.
#[derive(Debug, Clone, Default)]
pub struct Data {
    /// Events.
    pub events: Vec<Event>,
    /// Where they are in that list.
    pub places: HashMap<EventId, usize>,
    /// Organizations.
    pub organizations: Vec<Organization>,
    /// What they are called, those of which only the name is known too.
    pub names: HashMap<OrganizationId, String>,
    /// Members of one.
    pub members: Kept<OrganizationId, Vec<Member>>,
    /// Invites of one.
    pub invites: Kept<OrganizationId, Vec<Invite>>,
    /// Service accounts of one.
    pub service_accounts: Kept<OrganizationId, Vec<ServiceAccount>>,
    /// Who waits at an event.
    pub line: Kept<EventId, Vec<WaitingParty>>,
    /// Bookings of an event, and whether there are more.
    pub bookings_at: Kept<EventId, (Vec<EventBooking>, bool)>,
    /// Who sits where at that event: places in the list before.
    pub sitting: HashMap<u32, usize>,
    /// People that were found lately, and by what, the latest last.
    pub people: Vec<(String, Vec<FoundUser>)>,
    /// What a person has booked.
    pub bookings_of: Kept<UserId, Vec<BookingWithEvent>>,
    /// What a person was told.
    pub told: Kept<UserId, Vec<Notification>>,
    /// One booking with its history.
    pub booking: Kept<BookingId, (Booking, Vec<HistoryEntry>)>,
    /// Why one waits.
    pub why: Kept<BookingId, WhyWaiting>,
    /// How the daemon is.
    pub status: Option<AdminStatus>,
    /// What the daemon measured in the last second.
    pub metrics: Option<Metrics>,
    /// How the queue is.
    pub queue: Option<QueueStatus>,
    /// What is parked.
    pub parked: Vec<ParkedMessage>,
    /// What did not arrive.
    pub undelivered: Vec<UndeliveredNotification>,
    /// What does not agree.
    pub drifts: Option<Reconciled>,
    /// What the counters hold of one event.
    pub inspected: Kept<EventId, InspectedEvent>,
    /// Keys of the counters, and whether there are more.
    pub keys: Kept<String, (Vec<CounterKey>, bool)>,
    /// The audit log.
    pub audit: Vec<AuditRecord>,
    /// Jobs that have not ended.
    pub jobs: Vec<Job>,
    /// What people are called, as far as anything said so.
    pub usernames: HashMap<UserId, String>,
}

impl Data {
    /// An event.
    pub fn event(&self, id: EventId) -> Option<&Event> {
        self.events.get(*self.places.get(&id)?)
    }

    /// The same to change it.
    pub fn event_mut(&mut self, id: EventId) -> Option<&mut Event> {
        self.events.get_mut(*self.places.get(&id)?)
    }

    /// Takes the list of events.
    pub fn set_events(&mut self, events: Vec<Event>) {
        self.places = events.iter().enumerate().map(|(at, event)| (event.id, at)).collect();
        self.events = events;
    }

    /// Takes one event. One that was not in the list is added.
    pub fn set_event(&mut self, event: Event) {
        if let Some(at) = self.places.get(&event.id) {
            self.events[*at] = event;
        } else {
            self.places.insert(event.id, self.events.len());
            self.events.push(event);
        }
    }

    /// People that were found by a text.
    pub fn found(&self, text: &str) -> Option<&[FoundUser]> {
        self.people.iter().find(|(by, _)| by == text).map(|(_, people)| people.as_slice())
    }

    /// Takes people that were found.
    pub fn set_found(&mut self, text: String, people: Vec<FoundUser>) {
        self.people.retain(|(by, _)| *by != text);
        self.people.push((text, people));
        if self.people.len() > SEARCHES {
            self.people.remove(0);
        }
    }

    /// Whether the answer to a question is still kept: of some things only the one that was looked at last is.
    pub fn has(&self, query: &Query) -> bool {
        match query {
            Query::Members(id) => of(&self.members, id).is_some(),
            Query::Invites(id) => of(&self.invites, id).is_some(),
            Query::ServiceAccounts(id) => of(&self.service_accounts, id).is_some(),
            Query::Line(id) => of(&self.line, id).is_some(),
            Query::BookingsAt(id) => of(&self.bookings_at, id).is_some(),
            Query::People(text) => self.found(text).is_some(),
            Query::BookingsOf(id) => of(&self.bookings_of, id).is_some(),
            Query::Told(id) => of(&self.told, id).is_some(),
            Query::Booking(id) => of(&self.booking, id).is_some(),
            Query::Why(id) => of(&self.why, id).is_some(),
            Query::Inspect(id) => of(&self.inspected, id).is_some(),
            Query::Keys(pattern) => of(&self.keys, pattern).is_some(),
            _ => true,
        }
    }

    /// What an organization is called, as briefly as can be.
    pub fn organization(&self, id: OrganizationId) -> String {
        match self.names.get(&id) {
            Some(name) => crate::text::visible(name),
            None => short(id),
        }
    }

    /// What a person is called, as briefly as can be.
    pub fn person(&self, id: UserId) -> String {
        match self.usernames.get(&id) {
            Some(name) => crate::text::visible(name),
            None => short(id),
        }
    }

    /// What an event is called.
    pub fn event_name(&self, id: EventId) -> String {
        match self.event(id) {
            Some(event) => crate::text::visible(&event.name),
            None => short(id),
        }
    }
}

/// The end of an id, by which people tell ids apart: what is drawn in sequence begins alike.
pub fn short(id: impl std::fmt::Display) -> String {
    let id = id.to_string();
    id.chars().skip(id.chars().count().saturating_sub(8)).collect()
}
