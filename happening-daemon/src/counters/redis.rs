//! Counters in Redis, under the keys that operators read by hand:
//!
//! - `event:{id}:slots` free seats
//! - `event:{id}:waitlist` list of user ids, the head is next
//! - `event:{id}:version` the commit that the two above belong to
//!
//! All keys of one call are of one event. The keys carry no hash tag, because operators know them without: on a Redis
//! Cluster the scripts need the three keys of an event in one slot, which is one more reason to let the store decide.

use super::{Counters, CountersError, LineStep, Observed, Projection, SHOWN};
use crate::redis_link::{Call, LinkError, RedisLink, bounded};
use crate::store::CounterSnapshot;
use async_trait::async_trait;
use happening_core::id::EventId;
use happening_core::wire::{CounterKey, CountersSay, KeysPage};
use redis::{Pipeline, RedisResult, Script, Value};

/// Behind a version that is not to be moved on from.
const DISTRUSTED: &str = "?";

/// Keys that one SCAN looks at, and SCANs in one page.
const SCANNED: usize = 1_000;
const SCANS: usize = 20;

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

    async fn restore(&self, snapshots: &[CounterSnapshot], force: bool) -> Result<(), CountersError> {
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
                // One command a key: on a Redis Cluster they are in different slots. With the mark it is no version any
                // more for whoever moves the event on, and still says to people which one it was.
                pipeline.cmd("APPEND").arg(&keys(*event)[1]).arg(DISTRUSTED).ignore();
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
                version: version(answer.get(1)),
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

    async fn inspect(&self, event: EventId) -> Result<CountersSay, CountersError> {
        let mut connection = self.link.connection().await?;
        let keys = keys(event);
        let mut pipeline = Pipeline::with_capacity(4);
        pipeline.ignore_errors();
        pipeline.cmd("GET").arg(&keys[0]).cmd("GET").arg(&keys[1]).cmd("LLEN").arg(&keys[2]);
        pipeline.cmd("LRANGE").arg(&keys[2]).arg(0).arg(SHOWN - 1);
        let answers: Vec<RedisResult<Value>> = bounded(pipeline.query_async(&mut connection)).await?;
        let line = match answers.get(3) {
            Some(Ok(Value::Array(line))) => line.iter().filter_map(text).collect(),
            _ => Vec::new(),
        };
        let word = |at: usize| match answers.get(at) {
            Some(Ok(value)) => text(value),
            // Not even of the right type: shown as it is.
            Some(Err(error)) => error.code().map(ToOwned::to_owned),
            None => None,
        };
        let waiting = number(answers.get(2));
        let version = word(1).map(|version| version.trim_end_matches(DISTRUSTED).to_owned());
        Ok(CountersSay { slots: word(0), version, waiting, waitlist: line })
    }

    async fn keys(&self, pattern: &str, cursor: u64) -> Result<KeysPage, CountersError> {
        let mut connection = self.link.connection().await?;
        let (mut names, mut next) = (Vec::new(), cursor);
        // SCAN looks at so many keys a call and blocks nobody for longer; KEYS would.
        for _ in 0..SCANS {
            let mut scan = redis::cmd("SCAN");
            scan.arg(next).arg("MATCH").arg(pattern).arg("COUNT").arg(SCANNED);
            let (to, found): (u64, Vec<Vec<u8>>) = bounded(scan.query_async(&mut connection)).await?;
            names.extend(found);
            next = to;
            if next == 0 || names.len() >= SCANNED {
                break;
            }
        }
        let mut pipeline = Pipeline::with_capacity(2 * names.len());
        for name in &names {
            pipeline.cmd("TYPE").arg(name).cmd("PTTL").arg(name);
        }
        let facts: Vec<(String, i64)> = if names.is_empty() {
            Vec::new()
        } else {
            bounded(pipeline.query_async(&mut connection)).await?
        };
        let keys = names.into_iter().zip(facts).map(|(name, (kind, ttl))| CounterKey {
            key: String::from_utf8_lossy(&name).into_owned(),
            kind,
            ttl_ms: u64::try_from(ttl).ok(),
        });
        Ok(KeysPage { keys: keys.collect(), cursor: (next != 0).then_some(next) })
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

fn text(value: &Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A version, in doubt or not.
fn version(answer: Option<&RedisResult<Value>>) -> Option<u64> {
    match answer {
        Some(Ok(Value::BulkString(bytes))) => {
            std::str::from_utf8(bytes).ok()?.trim_end_matches(DISTRUSTED).parse().ok()
        }
        _ => None,
    }
}

/// A number that somebody may have tampered with: anything else is unknown.
fn number<T: std::str::FromStr>(answer: Option<&RedisResult<Value>>) -> Option<T> {
    match answer {
        Some(Ok(Value::Int(number))) => number.to_string().parse().ok(),
        Some(Ok(Value::BulkString(bytes))) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        _ => None,
    }
}
