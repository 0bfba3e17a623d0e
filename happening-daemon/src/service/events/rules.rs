//! The rules of events outside of the engine, each a function in a unit of work: what publishing one means.
//!
//! Who may call them is checked before, in `service/events.rs`.

use crate::service::Error;
use crate::service::quotas::too_many_events;
use crate::service::unit_of_work::UnitOfWork;
use crate::store::{AuditEntry, NewEvent};
use happening_core::id::OrganizationId;
use serde_json::json;

/// Where fewer open events than this are missing to the quota, one request publishes at a time. More than a daemon publishes
/// at once: each has a connection to the database for it.
const NEAR: u32 = 256;

/// Publishes an event. 404 if there is no such organization, or no longer; 409 `quota_exceeded` if it has as many open events
/// as it may: upcoming and ongoing ones, whatever their date.
pub(crate) async fn publish(unit: &mut UnitOfWork, event: &NewEvent) -> Result<(), Error> {
    must_have_room(unit, event.organization).await?;
    unit.insert_event(event).await?;
    let new = json!({
        "name": event.name,
        "event_date": event.terms.starts_at,
        "event_end": event.ends_at,
        "total_slots": event.terms.capacity,
    });
    let entry = AuditEntry {
        action: "event.created",
        organization: Some(event.organization),
        target: ("event", event.id.to_string()),
        old: None,
        new: Some(new),
    };
    Ok(unit.record(&entry).await?)
}

/// The organization stays as it is until the unit ends: its deletion counts its events.
///
/// Requests of one organization wait for each other only where it has nearly as many events as it may, so on PostgreSQL it
/// ends up with more if more than [`NEAR`] of them publish at once: as many more as there are of these.
async fn must_have_room(unit: &mut UnitOfWork, organization: OrganizationId) -> Result<(), Error> {
    let limit = unit.quotas().open_events;
    let is_near = match limit {
        Some(limit) => unit.count_open_events(organization).await?.saturating_add(NEAR) > limit,
        None => false,
    };
    if !unit.keep_organization(organization, is_near).await? {
        return Err(Error::not_found("organization"));
    }
    let Some(limit) = limit.filter(|_| is_near) else { return Ok(()) };
    // Counted again, now that nobody else publishes there.
    let open = unit.count_open_events(organization).await?;
    if open >= limit { Err(too_many_events(open, limit)) } else { Ok(()) }
}
