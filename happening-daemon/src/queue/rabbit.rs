//! The queue on RabbitMQ.
//!
//! No automatic recovery: a session that saw an error is dropped and the next call opens a new one, which declares the
//! queue again. So there is one state to reason about, and a deleted queue, a wiped broker and a cut connection are all
//! the same.

mod management;

use super::junk::decode;
use super::{Deliveries, Delivery, Queue, QueueError};
use async_trait::async_trait;
use futures::StreamExt;
use futures::future::try_join_all;
use happening_core::wire::{QueueFigures, QueuedNotification};
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use management::Management;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long the broker may take for anything.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long it may take to show that it is alive.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Unacknowledged messages that the broker sends ahead: two batches of the worker.
const PREFETCH: u16 = 1_000;

/// `basic.properties.delivery-mode` 2: written to disk by a durable queue (AMQP 0-9-1, section 4.7 of the RabbitMQ
/// reference, "persistent").
const PERSISTENT: u8 = 2;

/// The queue on a broker.
pub struct RabbitQueue {
    url: String,
    name: String,
    publisher: Mutex<Option<Session>>,
    /// For figures; absent where its address is not known.
    management: Option<Management>,
}

struct Session {
    // Held because the channel ends with it.
    _connection: Connection,
    channel: Channel,
}

impl RabbitQueue {
    /// The queue `name` at `url`. Connects when first used, so a daemon starts while the broker is away.
    pub fn new(url: &str, name: &str) -> Self {
        let (url, name) = (url.to_owned(), name.to_owned());
        Self { url, name, publisher: Mutex::new(None), management: None }
    }

    /// The same with the broker's management plugin at `url`, which knows more figures than AMQP tells.
    pub fn with_management(self, url: &str) -> Result<Self, QueueError> {
        let management = Some(Management::new(url, &self.url, &self.name)?);
        Ok(Self { management, ..self })
    }

    /// Asks whether the queue is there, and changes nothing.
    async fn look(&self) -> Result<lapin::Queue, QueueError> {
        self.with_publisher(PING_TIMEOUT, async |channel| {
            // passive (queue.declare).
            let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
            channel.queue_declare(self.name.as_str().into(), options, FieldTable::default()).await
        })
        .await
    }

    async fn open(&self, role: &str) -> Result<Session, QueueError> {
        bounded(TIMEOUT, async {
            let properties =
                ConnectionProperties::default().with_connection_name(format!("happening-{role}").into());
            let connection = Connection::connect(&self.url, properties).await?;
            let channel = connection.create_channel().await?;
            // queue.declare: durable, so that it survives the broker's restart; no arguments, as existing consumers
            // declare it: a difference would be 406 PRECONDITION_FAILED for whoever comes second.
            let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
            channel.queue_declare(self.name.as_str().into(), options, FieldTable::default()).await?;
            Ok(Session { _connection: connection, channel })
        })
        .await
    }

    /// Runs `work` on the publisher's channel; a session that failed is not used again.
    async fn with_publisher<T>(
        &self,
        timeout: Duration,
        work: impl AsyncFnOnce(&Channel) -> Result<T, lapin::Error>,
    ) -> Result<T, QueueError> {
        let mut publisher = self.publisher.lock().await;
        let session = if let Some(session) = publisher.take() {
            session
        } else {
            let session = self.open("relay").await?;
            // confirm.select: the broker answers each message once it is safe (RabbitMQ publisher confirms).
            bounded(TIMEOUT, session.channel.confirm_select(ConfirmSelectOptions::default())).await?;
            session
        };
        let result = bounded(timeout, work(&session.channel)).await?;
        *publisher = Some(session);
        Ok(result)
    }

    /// Publishes, and waits for the confirms.
    async fn publish_all(&self, payloads: &[Vec<u8>]) -> Result<(), QueueError> {
        let confirmations = self
            .with_publisher(TIMEOUT, async |channel| {
                let mut confirms = Vec::with_capacity(payloads.len());
                for payload in payloads {
                    // mandatory: a message that no queue takes is returned instead of dropped (basic.publish).
                    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
                    let properties = BasicProperties::default()
                        .with_delivery_mode(PERSISTENT)
                        .with_content_type("application/json".into());
                    let name = self.name.as_str().into();
                    confirms
                        .push(channel.basic_publish("".into(), name, options, payload, properties).await?);
                }
                try_join_all(confirms).await
            })
            .await?;
        let all_safe =
            confirmations.into_iter().all(|answer| answer.is_ack() && answer.take_message().is_none());
        if all_safe {
            return Ok(());
        }
        // Somebody deleted the queue: a new session declares it again.
        *self.publisher.lock().await = None;
        Err(QueueError("the broker returned or refused messages".to_owned()))
    }
}

async fn bounded<T>(
    timeout: Duration,
    call: impl Future<Output = Result<T, lapin::Error>>,
) -> Result<T, QueueError> {
    match tokio::time::timeout(timeout, call).await {
        Ok(result) => result.map_err(|error| QueueError(error.to_string())),
        Err(_) => Err(QueueError("no answer within the deadline".to_owned())),
    }
}

#[async_trait]
impl Queue for RabbitQueue {
    fn kind(&self) -> &'static str {
        "rabbitmq"
    }

    fn is_durable(&self) -> bool {
        true
    }

    async fn publish(&self, messages: &[QueuedNotification]) -> Result<(), QueueError> {
        let payloads: Result<Vec<_>, _> = messages.iter().map(serde_json::to_vec).collect();
        self.publish_all(&payloads.map_err(|error| QueueError(error.to_string()))?).await
    }

    async fn publish_bytes(&self, payload: Vec<u8>) -> Result<(), QueueError> {
        self.publish_all(&[payload]).await
    }

    async fn consume(&self) -> Result<Box<dyn Deliveries>, QueueError> {
        let session = self.open("worker").await?;
        let consumer = bounded(TIMEOUT, async {
            session.channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
            // no_ack stays off (basic.consume): what a killed worker had goes to the next one.
            let options = BasicConsumeOptions::default();
            session
                .channel
                .basic_consume(self.name.as_str().into(), "".into(), options, FieldTable::default())
                .await
        })
        .await?;
        Ok(Box::new(RabbitDeliveries { session, consumer }))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.look().await.map(drop)
    }

    async fn figures(&self) -> Result<QueueFigures, QueueError> {
        let queue = self.look().await?;
        let (report, note) = match &self.management {
            None => (None, Some("RABBITMQ_MANAGEMENT_URL is not set: AMQP tells no rates".to_owned())),
            Some(management) => match management.report().await {
                Ok(report) => (Some(report), None),
                Err(QueueError(reason)) => (None, Some(format!("the management plugin: {reason}"))),
            },
        };
        Ok(QueueFigures {
            kind: self.kind().to_owned(),
            name: self.name.clone(),
            ready: queue.message_count().into(),
            unacknowledged: report.as_ref().and_then(|report| report.unacknowledged),
            consumers: queue.consumer_count().into(),
            rates: report.and_then(|report| report.rates),
            note,
        })
    }
}

struct RabbitDeliveries {
    session: Session,
    consumer: Consumer,
}

#[async_trait]
impl Deliveries for RabbitDeliveries {
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivery>, QueueError> {
        let mut ready = (&mut self.consumer).ready_chunks(limit);
        let chunk =
            ready.next().await.ok_or_else(|| QueueError("the broker ended the consumer".to_owned()))?;
        let parse = |delivery: Result<lapin::message::Delivery, lapin::Error>| {
            let delivery = delivery.map_err(|error| QueueError(error.to_string()))?;
            let tag = delivery.delivery_tag;
            Ok(Delivery { message: decode(delivery.data), tag })
        };
        chunk.into_iter().map(parse).collect()
    }

    async fn ack(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        let Some(last) = tags.iter().max() else {
            return Ok(());
        };
        // multiple: everything up to this one; the worker deals with deliveries in order (basic.ack).
        let options = BasicAckOptions { multiple: true };
        bounded(TIMEOUT, self.session.channel.basic_ack(*last, options)).await
    }

    async fn give_back(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        let Some(last) = tags.iter().max() else {
            return Ok(());
        };
        // multiple and requeue: everything up to this one goes to the next consumer (basic.nack).
        let options = BasicNackOptions { multiple: true, requeue: true };
        bounded(TIMEOUT, self.session.channel.basic_nack(*last, options)).await
    }
}
