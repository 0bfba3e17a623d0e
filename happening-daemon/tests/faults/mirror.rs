//! Redis beside the truth.

use crate::stage::Stage;
use crate::support::eventually;
use happening_core::id::EventId;
use redis::AsyncCommands as _;
use redis::aio::MultiplexedConnection;
use sqlx::Row;
use std::time::{Duration, Instant};

/// How long Redis may differ from the truth after a fault's end.
pub const HEALED: Duration = Duration::from_secs(5);

/// What either says of an event.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    slots: Option<String>,
    waitlist: Vec<String>,
}

impl Stage {
    /// A connection of the test's own to Redis.
    pub async fn redis(&self) -> MultiplexedConnection {
        let url = &self.parts.stack().expect("real parts").redis_url;
        let client = redis::Client::open(url.as_str()).expect("REDIS_URL");
        client.get_multiplexed_async_connection().await.expect("Redis answers")
    }

    /// Waits until Redis has the free seats and the whole waitlist, in order, of these events.
    pub async fn redis_is_true(&self, events: &[EventId], by: Instant) {
        for event in events {
            let patience = by.saturating_duration_since(Instant::now());
            let equal = async || self.in_redis(*event).await == Some(self.in_truth(*event).await);
            eventually(&format!("Redis equals the truth of {event}"), patience, equal).await;
        }
    }

    async fn in_redis(&self, event: EventId) -> Option<Figures> {
        let mut redis = self.redis().await;
        let slots = redis.get(format!("event:{event}:slots")).await.ok()?;
        let waitlist = redis.lrange(format!("event:{event}:waitlist"), 0, -1).await.ok()?;
        Some(Figures { slots, waitlist })
    }

    async fn in_truth(&self, event: EventId) -> Figures {
        let row = sqlx::query(
            "SELECT available_slots::text AS slots, ARRAY(SELECT user_id::text FROM bookings b WHERE b.event_id = e.id \
             AND b.status = 'waiting' ORDER BY waiting_number) AS waitlist FROM events e WHERE id = $1",
        )
        .bind(event.0)
        .fetch_one(&self.truth)
        .await
        .expect("the event");
        Figures { slots: row.get("slots"), waitlist: row.get("waitlist") }
    }
}
