//! How an event changes: through the engine, with the notification of those who booked and the line of the audit log.

use super::access::not_signed_up;
use super::{Error, Services};
use crate::booking::CommitExtras;
use crate::store::{Actor, AuditEntry, Details, Differences};
use happening_core::booking::{Amendment, Command};
use happening_core::wire::{Category, Event, EventStatus};
use serde_json::{Value, json};

impl Services {
    /// Changes an event through the engine, for a user; `audit` is the action with old and new values.
    pub(super) async fn amend(
        &self,
        by: Actor,
        before: &Event,
        amendment: Amendment,
        details: Details,
        announcement: Option<String>,
        audit: Option<(&'static str, Option<Value>, Option<Value>)>,
    ) -> Result<(), Error> {
        let user = by.user.ok_or_else(not_signed_up)?;
        let audit = audit.map(|(action, old, new)| {
            let organization = Some(before.org_id);
            let target = ("event", before.id.to_string());
            Box::new((by, AuditEntry { action, organization, target, old, new }))
        });
        let extras = CommitExtras { details, announcement, audit, ..CommitExtras::default() };
        let capacity = amendment.capacity.unwrap_or(before.total_slots);
        let amended = self.engine.submit_with(before.id, Command::Amend(amendment), user, extras).await;
        // Also where its fate is unknown.
        self.sales.forget(before.id);
        amended?;
        if capacity < before.total_slots {
            self.end_holds_beyond(before.id, capacity).await;
        }
        Ok(())
    }
}

/// What an update changes, as the audit log has it.
pub(super) fn differences(before: &Event, amendment: &Amendment, details: &Details) -> Differences {
    let mut all = Differences::default();
    if let Some(name) = &details.name {
        all.compare("name", before.name.as_str(), name.as_str());
    }
    if let Some(description) = &details.description {
        all.withhold("description", before.description.as_deref(), description.as_deref());
    }
    if let Some(category) = details.category {
        all.compare("category", before.category.map(Category::as_str), category.map(Category::as_str));
    }
    if let Some(starts_at) = amendment.starts_at {
        all.compare("event_date", json!(before.event_date), json!(starts_at));
    }
    if let Some(ends_at) = details.ends_at {
        all.compare("event_end", json!(before.event_end), json!(ends_at));
    }
    if let Some(closes_at) = amendment.bookings_close_at {
        all.compare("bookings_close_at", json!(before.bookings_close_at), json!(closes_at));
    }
    if let Some(capacity) = amendment.capacity {
        all.compare("total_slots", before.total_slots, capacity);
    }
    if let Some(status) = amendment.status {
        all.compare("status", before.status.as_str(), status.as_str());
    }
    if let Some(policy) = amendment.policy {
        all.compare("waitlist_policy", before.waitlist_policy.as_str(), policy.as_str());
    }
    if let Some(limit) = amendment.bypass_limit {
        all.compare("bypass_limit", before.bypass_limit, limit);
    }
    if let Some(limit) = amendment.waitlist_limit {
        all.compare("waitlist_limit", before.waitlist_limit, limit);
    }
    if let Some(limit) = amendment.max_seats {
        all.compare("max_seats_per_booking", before.max_seats_per_booking, limit);
    }
    if let Some(paused) = amendment.sales_paused {
        all.compare("sales_paused", before.sales_paused, paused);
    }
    all
}

/// The notification of a change to those who booked: only what concerns them.
pub(super) fn announcement(
    before: &Event,
    status: Option<EventStatus>,
    renamed: Option<&str>,
    moved: bool,
) -> Option<String> {
    let name = &before.name;
    match status {
        Some(status) if status != before.status && status == EventStatus::Cancelled => {
            return Some(format!("{name} will not take place."));
        }
        Some(status) if status != before.status && before.status == EventStatus::Cancelled => {
            return Some(format!("{name} takes place after all."));
        }
        _ => {}
    }
    if moved {
        return Some(format!("{name} takes place at another time: please look it up."));
    }
    let renamed = renamed.filter(|new| new != name)?;
    Some(format!("{name} is now called {renamed}."))
}
