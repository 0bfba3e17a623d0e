//! Counters in Redis, under the keys that operators read by hand:
//!
//! - `event:{id}:slots` free seats
//! - `event:{id}:waitlist` list of user ids, the head is next
//! - `event:{id}:version` the commit that the two above belong to
//!
//! All keys of one call are of one event. The keys carry no hash tag, because operators know them without: on a Redis
//! Cluster the scripts need the three keys of an event in one slot, which is one more reason to let the store decide.

use super::{Counters, CountersError, LineStep, Observed, Projection};
use crate::redis_link::{Call, LinkError, RedisLink, bounded};
use crate::store::Snapshot;
use async_trait::async_trait;
use happening_core::id::EventId;
use redis::{Pipeline, RedisResult, Script, Value};

/// Counters in Redis.
pub struct RedisCounters {
    link: RedisLink,
    project: Script,
    restore: Script,
    digest: Script,
}

impl RedisCounters {
    /// Counters at `url`.
    pub fn open(url: &str) -> Result<Self, CountersError> {
        Ok(Self {
            link: RedisLink::open(url)?,
            project: Script::new(include_str!("project.lua")),
            restore: Script::new(include_str!("restore.lua")),
            digest: Script::new(include_str!("digest.lua")),
        })
    }
}

impl From<LinkError> for CountersError {
    fn from(error: LinkError) -> Self {
        Self(error.0)
    }
}

fn keys(event: EventId) -> Vec<String> {
    ["slots", "version", "waitlist"].iter().map(|name| format!("event:{event}:{name}")).collect()
}

#[async_trait]
impl Counters for RedisCounters {
    fn kind(&self) -> &'static str {
        "redis"
    }

    async fn project(&self, projections: &[Projection]) -> Result<Vec<EventId>, CountersError> {
        let calls: Vec<Call> = projections.iter().map(projection_call).collect();
        let answers = self.link.run(&self.project, &calls).await?;
        let unknown =
            projections.iter().zip(answers).filter(|(_, answer)| !matches!(answer, Ok(Value::Int(1))));
        Ok(unknown.map(|(projection, _)| projection.mark.event).collect())
    }

    async fn restore(&self, snapshots: &[Snapshot], force: bool) -> Result<(), CountersError> {
        // One at a time: a long line is a large call.
        for snapshot in snapshots {
            let mut arguments = vec![
                snapshot.mark.version.to_string(),
                snapshot.mark.available.to_string(),
                u8::from(force).to_string(),
            ];
            arguments.extend(snapshot.waitlist.iter().map(ToString::to_string));
            for answer in
                self.link.run(&self.restore, &[Call { keys: keys(snapshot.mark.event), arguments }]).await?
            {
                answer.map_err(|error| CountersError(error.to_string()))?;
            }
        }
        Ok(())
    }

    async fn distrust(&self, events: &[EventId]) -> Result<(), CountersError> {
        let mut connection = self.link.connection().await?;
        for chunk in events.chunks(500) {
            let mut pipeline = Pipeline::with_capacity(chunk.len());
            for event in chunk {
                // One command a key: on a Redis Cluster they are in different slots.
                pipeline.cmd("DEL").arg(&keys(*event)[1]).ignore();
            }
            let () = bounded(pipeline.query_async(&mut connection)).await?;
        }
        Ok(())
    }

    async fn observe(&self, events: &[EventId]) -> Result<Vec<Observed>, CountersError> {
        let mut connection = self.link.connection().await?;
        let mut observed = Vec::with_capacity(events.len());
        for chunk in events.chunks(500) {
            let mut pipeline = Pipeline::with_capacity(chunk.len() * 3);
            pipeline.ignore_errors();
            for event in chunk {
                let keys = keys(*event);
                pipeline.cmd("GET").arg(&keys[0]).cmd("GET").arg(&keys[1]).cmd("LLEN").arg(&keys[2]);
            }
            let answers: Vec<RedisResult<Value>> = bounded(pipeline.query_async(&mut connection)).await?;
            observed.extend(answers.chunks(3).map(|answer| Observed {
                available: number(answer.first()),
                version: number(answer.get(1)),
                waiting: number(answer.get(2)),
            }));
        }
        Ok(observed)
    }

    async fn line_digests(&self, events: &[EventId]) -> Result<Vec<String>, CountersError> {
        let calls: Vec<Call> = events
            .iter()
            .map(|event| Call { keys: vec![keys(*event).swap_remove(2)], arguments: Vec::new() })
            .collect();
        let answers = self.link.run(&self.digest, &calls).await?;
        let text = |answer| match answer {
            Ok(Value::BulkString(bytes)) => String::from_utf8(bytes).unwrap_or_default(),
            // Not even a list: no digest equals this one.
            _ => String::new(),
        };
        Ok(answers.into_iter().map(text).collect())
    }

    async fn ping(&self) -> Result<(), CountersError> {
        let mut connection = self.link.connection().await?;
        Ok(bounded(redis::cmd("PING").query_async(&mut connection)).await?)
    }
}

fn projection_call(projection: &Projection) -> Call {
    let mark = projection.mark;
    let mut arguments = vec![
        projection.from.to_string(),
        mark.version.to_string(),
        mark.available.to_string(),
        u8::from(projection.gone).to_string(),
    ];
    for step in &projection.line {
        match step {
            LineStep::Join(user) => arguments.extend(["join".to_owned(), user.to_string()]),
            LineStep::Leave { ahead } => arguments.extend(["leave".to_owned(), ahead.to_string()]),
        }
    }
    Call { keys: keys(mark.event), arguments }
}

/// A number that somebody may have tampered with: anything else is unknown.
fn number<T: std::str::FromStr>(answer: Option<&RedisResult<Value>>) -> Option<T> {
    match answer {
        Some(Ok(Value::Int(number))) => number.to_string().parse().ok(),
        Some(Ok(Value::BulkString(bytes))) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        _ => None,
    }
}
