//! What the story leads to elsewhere: notifications, and the counters.

use crate::trial::{Mismatch, Stage, expect};
use happening_core::client::Client;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{Notification, NotificationStatus, NotificationType};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// What is to be told of the four bookings, by number and kind.
const NEWS: [(usize, NotificationType); 8] = [
    (0, NotificationType::BookingConfirmed),
    (0, NotificationType::BookingCancelled),
    (1, NotificationType::BookingConfirmed),
    (1, NotificationType::BookingCancelled),
    (2, NotificationType::BookingWaitlisted),
    (2, NotificationType::WaitlistPromoted),
    (3, NotificationType::BookingWaitlisted),
    (3, NotificationType::WaitlistPromoted),
];

/// Every change has its notification: it is there at once, and sent soon where a worker runs. One that has not been sent by
/// the deadline is queued, which a daemon without a worker may do; one that was given up is a failure.
pub async fn told(stage: &Stage, bookings: [BookingId; 4], deadline: Instant) -> Result<(), Mismatch> {
    let of_these = |told: &Notification| told.booking_id.is_some_and(|id| bookings.contains(&id));
    loop {
        let mut found = stage.caller.client.notifications_of(stage.me.id).await?;
        found.retain(of_these);
        let mut counts = BTreeMap::new();
        for told in &found {
            *counts.entry((told.booking_id, told.kind.as_str())).or_insert(0) += 1;
        }
        let expected = NEWS.iter().map(|(number, kind)| ((Some(bookings[*number]), kind.as_str()), 1));
        expect("notifications", &expected.collect(), &counts)?;
        if let Some(given_up) = found.iter().find(|told| told.status == NotificationStatus::Failed) {
            return Err(Mismatch::new("a delivery", format!("`{}` was given up", given_up.message)));
        }
        let all_sent = found.iter().all(|told| told.status == NotificationStatus::Sent);
        if all_sent || Instant::now() + PAUSE >= deadline {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
}

/// The counters are what the truth is, perhaps a moment later.
pub async fn counters_agree(client: &Client, event: EventId, deadline: Instant) -> Result<(), Mismatch> {
    loop {
        let inspected = client.inspect_event(event).await?;
        if inspected.agrees {
            return expect("free seats", &Some("1".to_owned()), &inspected.counters.slots);
        }
        if Instant::now() + PAUSE >= deadline {
            let drifts = inspected
                .drifts
                .iter()
                .map(|drift| format!("{}: {} rather than {}", drift.kind, drift.found, drift.expected));
            return Err(Mismatch::new("agreement", drifts.collect::<Vec<_>>().join("; ")));
        }
        sleep(PAUSE).await;
    }
}
