//! Holds in Redis, under the keys that operators read by hand:
//!
//! - `event:{id}:hold:{seat}` who holds the seat (see [`Holder`]), gone when the hold ends
//! - `event:{id}:holds` set of the seats that have such a key; one whose key is gone leaves it at the next look
//!
//! As with the counters, all keys of one call are of one event and carry no hash tag.

use super::{Changed, Hold, HoldList, Holder, Holds, HoldsError, SetHolds, Wish};
use crate::redis_link::{Call, LinkError, RedisLink};
use async_trait::async_trait;
use happening_core::id::EventId;
use redis::{FromRedisValue, Script, from_redis_value};
use std::collections::BTreeSet;
use std::time::Duration;

/// The end of a hold that somebody set by hand without one.
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
        wish: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError> {
        let seats: BTreeSet<u32> = wish.seats.iter().copied().collect();
        let arguments = [holder.to_string(), milliseconds(wish.ttl), wish.limit.to_string()];
        let arguments = arguments.into_iter().chain(seats.iter().map(ToString::to_string));
        let ((allowed, conflicts, changed, exceeds), list): ((_, _, _, _), Listed) =
            self.run(event, operation, arguments).await?;
        let (allowed, conflicts) = (ascending(allowed), ascending(conflicts));
        Ok(Changed { answer: SetHolds { allowed, conflicts, changed, exceeds }, list: list_of(list) })
    }

    async fn change(
        &self,
        operation: &str,
        event: EventId,
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<Changed<Vec<u32>>, HoldsError> {
        let (seats, list): (Vec<u32>, Listed) = self.run(event, operation, arguments).await?;
        Ok(Changed { answer: ascending(seats), list: list_of(list) })
    }
}

/// Microseconds of Redis' clock; seat, holder, time left in milliseconds.
type Listed = (u64, Vec<(u32, String, i64)>);

fn list_of((order, listed): Listed) -> HoldList {
    let hold = |(seat, holder, left): (u32, String, i64)| Hold {
        seat,
        holder: Holder::parse(&holder),
        expires_in: if left == -1 { ENDLESS } else { Duration::from_millis(left.max(0).unsigned_abs()) },
    };
    let mut holds: Vec<Hold> = listed.into_iter().map(hold).collect();
    holds.sort_unstable_by_key(|hold| hold.seat);
    HoldList { order, holds }
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
        wish: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError> {
        self.wish("set", event, holder, wish).await
    }

    async fn exchange(
        &self,
        event: EventId,
        holder: &Holder,
        wish: Wish<'_>,
    ) -> Result<Changed<SetHolds>, HoldsError> {
        self.wish("exchange", event, holder, wish).await
    }

    async fn extend(
        &self,
        event: EventId,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Changed<Vec<u32>>, HoldsError> {
        self.change("extend", event, [holder.to_string(), milliseconds(ttl)]).await
    }

    async fn release(&self, event: EventId, holder: &Holder) -> Result<Changed<Vec<u32>>, HoldsError> {
        self.change("release", event, [holder.to_string()]).await
    }

    async fn list(&self, event: EventId) -> Result<HoldList, HoldsError> {
        Ok(self.change("list", event, []).await?.list)
    }

    async fn drop_seats(&self, event: EventId, seats: &[u32]) -> Result<HoldList, HoldsError> {
        Ok(self.change("drop", event, seats.iter().map(ToString::to_string)).await?.list)
    }
}
