//! The broker, past the daemon: as another program would use it.

use super::parts::Parts;
use lapin::options::{BasicPublishOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties};

/// Puts something into the queue by hand.
pub async fn publish_by_hand(parts: &Parts, payload: &[u8]) {
    publish_all_by_hand(parts, std::slice::from_ref(&payload)).await;
}

/// Puts many things into the queue by hand.
pub async fn publish_all_by_hand(parts: &Parts, payloads: &[impl AsRef<[u8]>]) {
    let stack = parts.stack().expect("real parts");
    let connected = Connection::connect(&stack.rabbitmq_url, ConnectionProperties::default()).await;
    let channel = connected.expect("RabbitMQ").create_channel().await.expect("a channel");
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel
        .queue_declare(stack.queue.as_str().into(), options, FieldTable::default())
        .await
        .expect("the queue");
    for payload in payloads {
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
        let name = stack.queue.as_str().into();
        let sent = channel.basic_publish("".into(), name, options, payload.as_ref(), properties).await;
        sent.expect("sent").await.expect("no confirm asked for");
    }
}
