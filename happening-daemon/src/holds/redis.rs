//! Holds in Redis, under the keys that operators read by hand:
//!
//! - `event:{id}:hold:{seat}` who holds the seat (see [`Holder`]), gone when the hold ends
//! - `event:{id}:holds` set of the seats that have such a key; one whose key is gone leaves it at the next look
//!
//! As with the counters, all keys of one call are of one event and carry no hash tag.

use super::{Hold, Holder, Holds, HoldsError, SetHolds};
use crate::redis_link::{Call, LinkError, RedisLink};
use async_trait::async_trait;
use happening_core::id::EventId;
use redis::{FromRedisValue, Script, from_redis_value};
use std::collections::BTreeSet;
use std::time::Duration;

/// What is told of a hold that somebody set by hand without an end.
const ENDLESS: Duration = Duration::from_hours(1);

/// Holds in Redis.
pub struct RedisHolds {
    link: RedisLink,
    script: Script,
}

impl RedisHolds {
    /// Holds at `url`.
    pub fn open(url: &str) -> Result<Self, HoldsError> {
        Ok(Self { link: RedisLink::open(url)?, script: Script::new(include_str!("holds.lua")) })
    }

    async fn run<T: FromRedisValue>(
        &self,
        event: EventId,
        operation: &str,
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<T, HoldsError> {
        let named = [operation.to_owned(), format!("event:{event}:hold:")];
        let call = Call {
            keys: vec![format!("event:{event}:holds")],
            arguments: named.into_iter().chain(arguments).collect(),
        };
        let mut answers = self.link.run(&self.script, &[call]).await?;
        let answer = answers.pop().ok_or_else(|| HoldsError::Refused("no answer".to_owned()))?;
        let value = answer.map_err(|error| HoldsError::Refused(error.to_string()))?;
        from_redis_value(value).map_err(|error| HoldsError::Refused(error.to_string()))
    }

    async fn wish(
        &self,
        operation: &str,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
        ttl: Duration,
    ) -> Result<SetHolds, HoldsError> {
        let seats: BTreeSet<u32> = seats.iter().copied().collect();
        let person = holder.user().map_or_else(String::new, |user| user.to_string());
        let arguments = [holder.to_string(), milliseconds(ttl), person];
        let arguments = arguments.into_iter().chain(seats.iter().map(ToString::to_string));
        let (allowed, conflicts, changed) = self.run(event, operation, arguments).await?;
        Ok(SetHolds { allowed: ascending(allowed), conflicts: ascending(conflicts), changed })
    }
}

impl From<LinkError> for HoldsError {
    fn from(error: LinkError) -> Self {
        Self::Away(error.0)
    }
}

/// Redis counts in milliseconds and takes none that is zero.
fn milliseconds(ttl: Duration) -> String {
    ttl.as_millis().max(1).to_string()
}

fn ascending(mut seats: Vec<u32>) -> Vec<u32> {
    seats.sort_unstable();
    seats
}

#[async_trait]
impl Holds for RedisHolds {
    async fn set(
        &self,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
        ttl: Duration,
    ) -> Result<SetHolds, HoldsError> {
        self.wish("set", event, holder, seats, ttl).await
    }

    async fn exchange(
        &self,
        event: EventId,
        holder: &Holder,
        seats: &[u32],
        ttl: Duration,
    ) -> Result<SetHolds, HoldsError> {
        self.wish("exchange", event, holder, seats, ttl).await
    }

    async fn extend(&self, event: EventId, holder: &Holder, ttl: Duration) -> Result<Vec<u32>, HoldsError> {
        Ok(ascending(self.run(event, "extend", [holder.to_string(), milliseconds(ttl)]).await?))
    }

    async fn release(&self, event: EventId, holder: &Holder) -> Result<Vec<u32>, HoldsError> {
        Ok(ascending(self.run(event, "release", [holder.to_string()]).await?))
    }

    async fn list(&self, event: EventId) -> Result<Vec<Hold>, HoldsError> {
        let listed: Vec<(u32, String, i64)> = self.run(event, "list", []).await?;
        let hold = |(seat, holder, left): (u32, String, i64)| Hold {
            seat,
            holder: Holder::parse(&holder),
            expires_in: if left == -1 { ENDLESS } else { Duration::from_millis(left.max(0).unsigned_abs()) },
        };
        let mut holds: Vec<Hold> = listed.into_iter().map(hold).collect();
        holds.sort_unstable_by_key(|hold| hold.seat);
        Ok(holds)
    }

    async fn drop_seats(&self, event: EventId, seats: &[u32]) -> Result<(), HoldsError> {
        let _: Vec<u32> = self.run(event, "drop", seats.iter().map(ToString::to_string)).await?;
        Ok(())
    }
}
