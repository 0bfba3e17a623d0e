//! Who books for whom. People book for themselves; staff, and those who run an event, also for members of its organization.

use super::{Caller, Error, Services};
use crate::booking::BookerRole;
use crate::store::AuditEntry;
use happening_core::id::{BookingId, EventId, OrganizationId, UserId};
use happening_core::wire::{CreateBooking, Role};
use serde_json::json;

/// Whose booking it will be.
pub(super) struct Booker {
    /// Who.
    pub user: UserId,
    organization: OrganizationId,
    /// If it is not the caller: the role in which the caller books.
    pub on_behalf: Option<BookerRole>,
}

impl Booker {
    /// The line of the audit log of a booking that somebody else makes.
    pub fn entry(&self, booking: BookingId, create: &CreateBooking) -> AuditEntry {
        AuditEntry {
            action: "booking.created",
            organization: Some(self.organization),
            target: ("booking", booking.to_string()),
            old: None,
            new: Some(json!({ "event_id": create.event_id, "user_id": self.user, "seats": create.seats })),
        }
    }
}

impl Services {
    /// Whose booking it will be: the caller's own, or a member's of the event's organization, if staff or those who run the
    /// event book for them.
    pub(super) async fn booker(
        &self,
        caller: &Caller,
        event: EventId,
        claimed: Option<UserId>,
    ) -> Result<Booker, Error> {
        let organization = self.organization_of(event).await?;
        if !caller.sees(organization) {
            return Err(Error::not_found("event"));
        }
        self.must_be_active(caller, organization).await?;
        let other = claimed.filter(|user| !caller.is(*user));
        let on_behalf = match other {
            Some(_) => self.booker_role(caller, event, organization).await?,
            None => None,
        };
        match (other, on_behalf) {
            (Some(user), Some(_)) => {
                let role = self.store.find_role(user, organization).await?;
                role.map(|_| Booker { user, organization, on_behalf })
                    .ok_or_else(|| Error::invalid("user_id", "is no member of the event's organization"))
            }
            _ => caller.must_be("user_id", claimed).map(|user| Booker { user, organization, on_behalf }),
        }
    }

    /// The role in which the caller may book for others; `None` if they may not.
    async fn booker_role(
        &self,
        caller: &Caller,
        event: EventId,
        organization: OrganizationId,
    ) -> Result<Option<BookerRole>, Error> {
        let role = caller.role_in(organization);
        if role == Some(Role::OrgAdmin) {
            return Ok(Some(BookerRole::OrgAdmin));
        }
        if role == Some(Role::Organizer) {
            let found = self.store.find_event(event).await?.ok_or_else(|| Error::not_found("event"))?;
            if caller.is(found.created_by) {
                return Ok(Some(BookerRole::Organizer));
            }
        }
        let staff = if caller.is_operator() { BookerRole::Operator } else { BookerRole::Support };
        Ok(caller.is_staff().then_some(staff))
    }
}
