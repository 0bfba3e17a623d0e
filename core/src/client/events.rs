//! `/events`.

use super::{Client, ClientError, Once, Page};
use crate::id::{EventId, OrganizationId, UserId};
use crate::wire::{
    CreateEvent, CreateHold, Done, Event, EventsQuery, Hold, ReassignEvent, SeatMap, UpdateEvent,
    WaitingParty, WaitlistQuery,
};
use uuid::Uuid;

impl Client {
    /// Events that the caller may see, newest `event_date` first, perhaps of one organization or organizer only.
    pub async fn events(
        &self,
        organization: Option<OrganizationId>,
        created_by: Option<UserId>,
    ) -> Result<Vec<Event>, ClientError> {
        self.get_with(
            "/events",
            &[("org_id", organization.map(|id| id.0)), ("created_by", created_by.map(|id| id.0))],
        )
        .await
    }

    /// Events of some kind, in pages.
    pub async fn find_events(&self, query: &EventsQuery) -> Result<Page<Event>, ClientError> {
        self.get_page("/events", query).await
    }

    /// One event.
    pub async fn event(&self, event: EventId) -> Result<Event, ClientError> {
        self.get(&format!("/events/{event}")).await
    }

    /// Publishes an event.
    pub async fn create_event(&self, create: &CreateEvent) -> Result<Event, ClientError> {
        self.post("/events", create).await
    }

    /// The same under a key of the caller's own.
    pub async fn create_event_once(
        &self,
        create: &CreateEvent,
        key: Uuid,
    ) -> Result<Once<Event>, ClientError> {
        self.post_once("/events", create, key).await
    }

    /// Changes an event.
    pub async fn update_event(&self, event: EventId, update: &UpdateEvent) -> Result<Event, ClientError> {
        self.put(&format!("/events/{event}"), update).await
    }

    /// An event as a file for calendars (RFC 5545).
    pub async fn event_calendar(&self, event: EventId) -> Result<String, ClientError> {
        self.raw("GET", &format!("/events/{event}/calendar.ics"), &[], None).await
    }

    /// Takes an event out of every list and notifies those who booked.
    pub async fn delete_event(&self, event: EventId) -> Result<Done, ClientError> {
        self.delete(&format!("/events/{event}")).await
    }

    /// Hands an event to another organizer.
    pub async fn reassign_event(
        &self,
        event: EventId,
        reassign: &ReassignEvent,
    ) -> Result<Event, ClientError> {
        self.post(&format!("/events/{event}/reassign"), reassign).await
    }

    /// Which seats are taken and held.
    pub async fn seats(&self, event: EventId) -> Result<SeatMap, ClientError> {
        self.get(&format!("/events/{event}/seats")).await
    }

    /// Holds seats for the caller while they decide.
    pub async fn create_hold(&self, event: EventId, create: &CreateHold) -> Result<Hold, ClientError> {
        self.post(&format!("/events/{event}/holds"), create).await
    }

    /// Has a hold of the caller's last longer.
    pub async fn extend_hold(&self, event: EventId, token: Uuid) -> Result<Hold, ClientError> {
        self.put(&format!("/events/{event}/holds/{token}"), &serde_json::Map::new()).await
    }

    /// Ends a hold of the caller's; harmless the second time.
    pub async fn release_hold(&self, event: EventId, token: Uuid) -> Result<Done, ClientError> {
        self.delete(&format!("/events/{event}/holds/{token}")).await
    }

    /// Who waits, in line.
    pub async fn waitlist(&self, event: EventId) -> Result<Vec<WaitingParty>, ClientError> {
        self.get(&format!("/events/{event}/waitlist")).await
    }

    /// The same in pages.
    pub async fn find_waiting(
        &self,
        event: EventId,
        query: &WaitlistQuery,
    ) -> Result<Page<WaitingParty>, ClientError> {
        self.get_page(&format!("/events/{event}/waitlist"), query).await
    }
}
