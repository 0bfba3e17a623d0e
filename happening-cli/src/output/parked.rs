//! The way of notifications: how it is, and what is off it.

use super::document::members_of;
use super::{Cell, Column, Record, Tone};
use happening_core::wire::{NotificationStatus, ParkedMessage, QueueStatus, UndeliveredNotification};

impl Record for ParkedMessage {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID"),
        Column::whole("KIND"),
        Column::text("SINCE"),
        Column::number("TIMES"),
        Column::text("REASON"),
        Column::text("WHAT"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let bytes = || Some(format!("{} bytes that are no text", self.payload_bytes?));
        let what = self.message.clone().or_else(|| self.payload.clone()).or_else(bytes);
        vec![
            Cell::new(self.id),
            Cell::new(self.kind),
            Cell::time(self.parked_at),
            Cell::new(self.times),
            Cell::new(&self.reason),
            Cell::maybe(what),
        ]
    }
}

impl Record for UndeliveredNotification {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID"),
        Column::text("WHO"),
        Column::text("SINCE"),
        Column::whole("STATUS"),
        Column::number("TRIES"),
        Column::text("WHY"),
        Column::text("MESSAGE"),
        Column::text("NEXT TRY").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let tone = if self.status == NotificationStatus::Failed { Tone::Bad } else { Tone::Attention };
        vec![
            Cell::new(self.id),
            Cell::new(self.username.clone().unwrap_or_else(|| self.user_id.to_string())),
            Cell::time(self.created_at),
            Cell::new(self.status).tone(tone),
            Cell::new(self.tries),
            Cell::maybe(self.reason.as_ref()),
            Cell::new(&self.message),
            self.next_try.map_or_else(|| Cell::maybe(None::<u32>), Cell::time),
        ]
    }
}

impl Record for QueueStatus {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("QUEUE"),
        Column::number("READY"),
        Column::number("CONSUMERS"),
        Column::number("PENDING"),
        Column::number("PARKED"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.queue.as_ref().map_or_else(String::new, |queue| queue.name.clone())
    }

    fn cells(&self) -> Vec<Cell> {
        let queue = self.queue.as_ref();
        vec![
            Cell::maybe(queue.map(|queue| &queue.name)),
            Cell::maybe(queue.map(|queue| queue.ready)),
            Cell::maybe(queue.map(|queue| queue.consumers)),
            Cell::new(self.outbox.pending),
            Cell::new(self.outbox.parked),
        ]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        let mut details = queue_details(self);
        let (outbox, worker) = (&self.outbox, &self.worker);
        let parked = if outbox.parked > 0 { Tone::Attention } else { Tone::Plain };
        let deleted = if outbox.parked_evicted > 0 { Tone::Attention } else { Tone::Plain };
        details.extend([
            ("Pending", Cell::new(outbox.pending)),
            ("Retrying", Cell::new(outbox.retrying)),
            ("Published again", Cell::new(outbox.published_again)),
            ("Announcements", Cell::new(outbox.announcements)),
            ("Parked", Cell::new(outbox.parked).tone(parked)),
            ("Parked and deleted", Cell::new(outbox.parked_evicted).tone(deleted)),
            ("Oldest waits", Cell::maybe(self.lag_seconds.map(|seconds| format!("{seconds} s")))),
            ("Next due", outbox.next_due.map_or_else(|| Cell::maybe(None::<u32>), Cell::time)),
            ("Worker here", Cell::new(if worker.running { "runs" } else { "none" })),
            ("Sent", Cell::new(worker.sent)),
            ("Failed", Cell::new(worker.failed)),
            ("Given up", Cell::new(worker.parked)),
        ]);
        details
    }
}

fn queue_details(status: &QueueStatus) -> Vec<(&'static str, Cell)> {
    let Some(queue) = &status.queue else {
        return vec![("Queue", Cell::new("does not answer").tone(Tone::Bad))];
    };
    let mut details = vec![
        ("Queue", Cell::new(format!("{} ({})", queue.name, queue.kind))),
        ("Ready", Cell::new(queue.ready)),
        ("Unacknowledged", Cell::maybe(queue.unacknowledged)),
        ("Consumers", Cell::new(queue.consumers)),
    ];
    if let Some(rates) = &queue.rates {
        let text = format!(
            "{:.1} published, {:.1} delivered, {:.1} acknowledged",
            rates.publish, rates.deliver, rates.acknowledge
        );
        details.push(("Each second", Cell::new(text)));
    }
    if let Some(note) = &queue.note {
        details.push(("Note", Cell::new(note)));
    }
    details
}
