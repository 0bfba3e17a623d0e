//! The queue on RabbitMQ.
//!
//! No automatic recovery: a session that saw an error is dropped and the next call opens a new one, which declares the
//! queue again. So there is one state to reason about, and a deleted queue, a wiped broker and a cut connection are all
//! the same. Each of them counts as a loss ([`Queue::losses`]), because what was published before may be gone.

mod management;
mod unsettled;

use super::undeliverable::decode;
use super::{Deliveries, Delivery, Queue, QueueError};
use async_trait::async_trait;
use futures::StreamExt;
use futures::future::try_join_all;
use futures::stream::Fuse;
use happening_core::id::NotificationId;
use happening_core::wire::{QueueFigures, QueuedNotification};
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer, ErrorKind};
use management::Management;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use unsettled::Unsettled;

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
    publisher: Mutex<Publisher>,
    losses: AtomicU64,
    /// For figures; absent where its address is not known.
    management: Option<Management>,
}

#[derive(Default)]
struct Publisher {
    session: Option<AmqpSession>,
    /// Whether there was a session before.
    is_later: bool,
}

struct AmqpSession {
    // Held because the channel ends with it.
    _connection: Connection,
    channel: Channel,
}

impl RabbitQueue {
    /// The queue `name` at `url`. Connects when first used, so a daemon starts while the broker is away.
    pub fn new(url: &str, name: &str) -> Self {
        let (url, name) = (url.to_owned(), name.to_owned());
        Self { url, name, publisher: Mutex::default(), losses: AtomicU64::new(0), management: None }
    }

    /// The same with the broker's management plugin at `url`, which knows more figures than AMQP.
    pub fn with_management(self, url: &str) -> Result<Self, QueueError> {
        let management = Some(Management::new(url, &self.url, &self.name)?);
        Ok(Self { management, ..self })
    }

    /// Asks whether the queue is there, and changes nothing.
    async fn look(&self) -> Result<lapin::Queue, QueueError> {
        self.with_publisher(PING_TIMEOUT, async |channel| self.declare_passively(channel).await).await
    }

    /// An error if the queue does not exist, which ends the channel.
    async fn declare_passively(&self, channel: &Channel) -> Result<lapin::Queue, lapin::Error> {
        // passive (queue.declare).
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(self.name.as_str().into(), options, FieldTable::default()).await
    }

    async fn open(&self, role: &str) -> Result<AmqpSession, QueueError> {
        bounded(TIMEOUT, async {
            let properties =
                ConnectionProperties::default().with_connection_name(format!("happening-{role}").into());
            let connection = Connection::connect(&self.url, properties).await?;
            let mut channel = connection.create_channel().await?;
            // queue.declare-ok does not say whether the queue existed, and one that did not has lost its messages.
            match self.declare_passively(&channel).await {
                Ok(_) => {}
                Err(error) if is_not_found(&error) => {
                    self.losses.fetch_add(1, Ordering::Relaxed);
                    channel = connection.create_channel().await?;
                }
                Err(error) => return Err(error),
            }
            // queue.declare: durable, so that it survives the broker's restart; no arguments, as existing consumers
            // declare it: a difference would be 406 PRECONDITION_FAILED for the second.
            let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
            channel.queue_declare(self.name.as_str().into(), options, FieldTable::default()).await?;
            Ok(AmqpSession { _connection: connection, channel })
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
        let session = match publisher.session.take() {
            Some(session) => session,
            None => self.open_publisher(&mut publisher).await?,
        };
        let result = bounded(timeout, work(&session.channel)).await?;
        publisher.session = Some(session);
        Ok(result)
    }

    async fn open_publisher(&self, publisher: &mut Publisher) -> Result<AmqpSession, QueueError> {
        let session = self.open("relay").await?;
        // confirm.select: the broker answers each message once it is safe (RabbitMQ publisher confirms).
        bounded(TIMEOUT, session.channel.confirm_select(ConfirmSelectOptions::default())).await?;
        if std::mem::replace(&mut publisher.is_later, true) {
            // The queue was unobserved meanwhile: it may have been deleted and declared by somebody else.
            self.losses.fetch_add(1, Ordering::Relaxed);
        }
        Ok(session)
    }

    /// Publishes, and waits for the confirms: whether the broker took each.
    async fn publish_all(&self, payloads: &[Vec<u8>]) -> Result<Vec<bool>, QueueError> {
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
        let is_returned = |answer: &Confirmation| matches!(answer, Confirmation::Ack(Some(_)));
        if confirmations.iter().any(is_returned) {
            // Somebody deleted the queue: a new session declares it again.
            self.publisher.lock().await.session = None;
            return Err(QueueError::Away("the broker returned messages".to_owned()));
        }
        // basic.nack: the broker does not take it, such as beyond a limit with `x-overflow: reject-publish`.
        Ok(confirmations.iter().map(Confirmation::is_ack).collect())
    }
}

/// 404 `NOT_FOUND` (AMQP 0-9-1, section 1.2 of the reference, "reply-code").
fn is_not_found(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error)
        if *error.kind() == AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND))
}

async fn bounded<T>(
    timeout: Duration,
    call: impl Future<Output = Result<T, lapin::Error>>,
) -> Result<T, QueueError> {
    match tokio::time::timeout(timeout, call).await {
        Ok(result) => result.map_err(|error| QueueError::Away(error.to_string())),
        Err(_) => Err(QueueError::Away("no answer within the deadline".to_owned())),
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

    fn losses(&self) -> u64 {
        self.losses.load(Ordering::Relaxed)
    }

    async fn publish(&self, messages: &[QueuedNotification]) -> Result<Vec<NotificationId>, QueueError> {
        let payloads: Result<Vec<_>, _> = messages.iter().map(serde_json::to_vec).collect();
        let payloads = payloads.map_err(|error| QueueError::Away(error.to_string()))?;
        let taken = self.publish_all(&payloads).await?;
        Ok(messages.iter().zip(taken).filter(|(_, taken)| !taken).map(|(message, _)| message.id).collect())
    }

    async fn publish_bytes(&self, payload: Vec<u8>) -> Result<(), QueueError> {
        let taken = self.publish_all(&[payload]).await?;
        if taken == [true] { Ok(()) } else { Err(QueueError::Full) }
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
        Ok(Box::new(RabbitDeliveries { session, consumer: consumer.fuse(), unsettled: Unsettled::default() }))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.look().await.map(drop)
    }

    async fn figures(&self) -> Result<QueueFigures, QueueError> {
        let queue = self.look().await?;
        let (report, note) = match &self.management {
            None => (None, Some("RABBITMQ_MANAGEMENT_URL is not set: AMQP has no rates".to_owned())),
            Some(management) => match management.report().await {
                Ok(report) => (Some(report), None),
                Err(error) => (None, Some(format!("the management plugin: {error}"))),
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
    session: AmqpSession,
    /// Fused: lapin's consumer says once that it ended, which may be in the same breath as the last deliveries, and then
    /// nothing for ever.
    consumer: Fuse<Consumer>,
    unsettled: Unsettled,
}

#[async_trait]
impl Deliveries for RabbitDeliveries {
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivery>, QueueError> {
        let mut ready = (&mut self.consumer).ready_chunks(limit);
        let chunk =
            ready.next().await.ok_or_else(|| QueueError::Away("the broker ended the consumer".to_owned()))?;
        let mut deliveries = Vec::with_capacity(chunk.len());
        for delivery in chunk {
            let delivery = delivery.map_err(|error| QueueError::Away(error.to_string()))?;
            let tag = delivery.delivery_tag;
            self.unsettled.add(tag);
            deliveries.push(Delivery { message: decode(delivery.data), tag });
        }
        Ok(deliveries)
    }

    async fn ack(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        let settled = self.unsettled.settle(tags);
        bounded(TIMEOUT, async {
            for (tag, multiple) in settled {
                self.session.channel.basic_ack(tag, BasicAckOptions { multiple }).await?;
            }
            Ok(())
        })
        .await
    }

    async fn give_back(&mut self, tags: &[u64]) -> Result<(), QueueError> {
        let settled = self.unsettled.settle(tags);
        bounded(TIMEOUT, async {
            for (tag, multiple) in settled {
                // requeue: they go to the next consumer (basic.nack).
                let options = BasicNackOptions { multiple, requeue: true };
                self.session.channel.basic_nack(tag, options).await?;
            }
            Ok(())
        })
        .await
    }
}
