//! The way to Redis, for whatever part lives there: connected when first used, every call bounded, scripts sent by hash.

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Pipeline, RedisResult, Script, Value};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::OnceCell;

/// How long a call may take. Bookings wait for Redis only while it answers, so this bounds the one slow answer when it
/// stops.
const TIMEOUT: Duration = Duration::from_millis(500);

/// Redis does not answer, or not as it should.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct LinkError(pub String);

/// A script's keys and arguments.
pub struct Call {
    /// All of one event.
    pub keys: Vec<String>,
    /// Whatever the script takes.
    pub arguments: Vec<String>,
}

/// A connection that mends itself.
pub struct RedisLink {
    client: Client,
    connection: OnceCell<ConnectionManager>,
}

impl RedisLink {
    /// A link to `url`. Connects when first used, so a daemon starts while Redis is away.
    pub fn open(url: &str) -> Result<Self, LinkError> {
        let client =
            Client::open(url).map_err(|_| LinkError("REDIS_URL is not a Redis address".to_owned()))?;
        Ok(Self { client, connection: OnceCell::new() })
    }

    /// The connection, for commands that are no script.
    pub async fn connection(&self) -> Result<ConnectionManager, LinkError> {
        let connect = || async {
            let config = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(TIMEOUT))
                .set_response_timeout(Some(TIMEOUT))
                .set_number_of_retries(1)
                .set_max_delay(Duration::from_millis(500));
            bounded(ConnectionManager::new_with_config(self.client.clone(), config)).await
        };
        self.connection.get_or_try_init(connect).await.cloned()
    }

    /// Runs a script for each entry in one round trip. Scripts are sent by hash, and once more in full where Redis has
    /// forgotten them (a restart, `SCRIPT FLUSH`): only an explicit `NOSCRIPT` says that nothing ran.
    pub async fn run(&self, script: &Script, calls: &[Call]) -> Result<Vec<RedisResult<Value>>, LinkError> {
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.connection().await?;
        let mut pipeline = Pipeline::with_capacity(calls.len());
        // Each answer for itself: one event whose keys were tampered with does not spoil the others.
        pipeline.ignore_errors();
        for call in calls {
            let command = pipeline.cmd("EVALSHA").arg(script.get_hash()).arg(call.keys.len());
            command.arg(&call.keys).arg(&call.arguments);
        }
        let answers: Vec<RedisResult<Value>> = bounded(pipeline.query_async(&mut connection)).await?;
        let forgot = |answer: &RedisResult<Value>| {
            answer.as_ref().is_err_and(|error| {
                error.kind() == redis::ErrorKind::Server(redis::ServerErrorKind::NoScript)
            })
        };
        if !answers.iter().any(forgot) {
            return Ok(answers);
        }
        bounded(script.load_async(&mut connection)).await?;
        bounded(pipeline.query_async(&mut connection)).await
    }
}

/// The answer to a call, within the deadline.
pub async fn bounded<T>(call: impl Future<Output = RedisResult<T>>) -> Result<T, LinkError> {
    match tokio::time::timeout(TIMEOUT, call).await {
        Ok(answer) => answer.map_err(|error| LinkError(error.to_string())),
        Err(_) => Err(LinkError("no answer within the deadline".to_owned())),
    }
}
