//! Questions about a waitlist, and what people do to it.

use super::{Client, ClientError};
use crate::id::{BookingId, EventId};
use crate::wire::{
    CancelAnswer, PlanResize, Promote, Promotions, ResizePlan, Simulate, Simulation, WhyQuery, WhyWaiting,
};

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

    /// Serves the line with what is free, or one party out of turn.
    pub async fn promote(&self, event: EventId, promote: &Promote) -> Result<Promotions, ClientError> {
        self.post(&format!("/events/{event}/waitlist/promote"), promote).await
    }

    /// Takes a booking off the waitlist; refused if it has its seats by now.
    pub async fn leave_waitlist(&self, booking: BookingId) -> Result<CancelAnswer, ClientError> {
        self.post_empty(&format!("/bookings/{booking}/cancel?only_waiting=true")).await
    }

    /// What a resize would do.
    pub async fn plan_resize(&self, event: EventId, total_slots: u32) -> Result<ResizePlan, ClientError> {
        self.post(&format!("/events/{event}/resize/plan"), &PlanResize { total_slots }).await
    }
}
