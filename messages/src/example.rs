//! A notification of each type as it usually is: for previews.

use crate::facts::{BookingFacts, EventFacts, Facts, Links, OrganizationFacts, Recipient};
use chrono::{DateTime, Days, Utc};
use happening_core::id::{BookingId, EventId, OrganizationId};
use happening_core::wire::{BookingStatus, NotificationType};
use uuid::Uuid;

impl Facts {
    /// A notification of this type, of an event a month from `now`.
    #[must_use]
    pub fn example(kind: NotificationType, now: DateTime<Utc>) -> Self {
        let (seats, status) = match kind {
            NotificationType::BookingWaitlisted => (vec![], BookingStatus::Waiting),
            NotificationType::BookingCancelled => (vec![], BookingStatus::Cancelled),
            _ => (vec![4, 5, 6, 9], BookingStatus::Confirmed),
        };
        let booking = BookingFacts {
            id: BookingId(Uuid::nil()),
            status,
            size: if seats.is_empty() { 2 } else { 4 },
            seats: seats.clone(),
            place: (status == BookingStatus::Waiting).then_some(3),
        };
        Self {
            kind,
            text: "Winter concert takes place at another time: please look it up.".to_owned(),
            count: Some(2),
            by_other: false,
            recipient: Recipient {
                name: Some("Ada".to_owned()),
                address: "ada@example.org".to_owned(),
                language: None,
            },
            event: EventFacts {
                id: EventId(Uuid::nil()),
                name: "Winter concert".to_owned(),
                starts_at: now.checked_add_days(Days::new(30)).unwrap_or(now),
                ends_at: None,
                capacity: 200,
                is_off: false,
                version: 17,
                updated_at: now,
            },
            organization: OrganizationFacts {
                id: OrganizationId(Uuid::nil()),
                name: "Town hall".to_owned(),
                timezone: None,
                contact: None,
                color: None,
                language: None,
            },
            booking: (kind != NotificationType::EventUpdated).then_some(booking),
            had_seats: kind != NotificationType::BookingWaitlisted,
            seats,
            waiting: 0,
            links: Links::default(),
        }
    }
}
