//! Questions about a waitlist.

use super::{Client, ClientError};
use crate::id::{BookingId, EventId};
use crate::wire::{PlanResize, ResizePlan, Simulate, Simulation, WhyQuery, WhyWaiting};

impl Client {
    /// Why it is not a booking's turn.
    pub async fn why(&self, booking: BookingId) -> Result<WhyWaiting, ClientError> {
        self.get(&format!("/bookings/{booking}/why")).await
    }

    /// The same of one booking of an event, or of everything that somebody waits for there.
    pub async fn why_at(&self, event: EventId, query: &WhyQuery) -> Result<Vec<WhyWaiting>, ClientError> {
        self.get_with(&format!("/events/{event}/waitlist/why"), query).await
    }

    /// Who would be served if.
    pub async fn simulate(&self, event: EventId, simulate: &Simulate) -> Result<Simulation, ClientError> {
        self.post(&format!("/events/{event}/waitlist/simulate"), simulate).await
    }

    /// What a resize would do.
    pub async fn plan_resize(&self, event: EventId, total_slots: u32) -> Result<ResizePlan, ClientError> {
        self.post(&format!("/events/{event}/resize/plan"), &PlanResize { total_slots }).await
    }
}
