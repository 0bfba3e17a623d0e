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

/// What may lie in a queue, each with its name.
pub fn garbage() -> Vec<(&'static str, Vec<u8>)> {
    let id = uuid::Uuid::max();
    let with = |member: &str| format!(r#"{{"id":"{id}","userId":"{id}",{member}}}"#).into_bytes();
    vec![
        ("empty", Vec::new()),
        ("bytes", vec![0xFF, 0xFE, 0, 1]),
        ("a NUL", b"\0".to_vec()),
        ("a NUL in what the parser quotes", with(r#""type":"booking\u0000","message":"m""#)),
        ("a NUL in a text", with(r#""type":"booking_confirmed","message":"a\u0000b""#)),
        ("a lone surrogate", with(r#""type":"\ud800","message":"m""#)),
        ("terminal escapes", with("\"type\":\"\\u001b[2J\\u202e\\r\\n2026 ERROR forged\",\"message\":\"m\"")),
        ("raw escapes", b"\x1b]0;owned\x07\x1b[2J\r\nERROR forged".to_vec()),
        ("duplicate members", with(r#""type":"booking_confirmed","type":"booking_confirmed","message":"m""#)),
        ("a byte order mark", b"\xEF\xBB\xBF{}".to_vec()),
        ("brackets", vec![b'['; 20_000]),
        ("objects", br#"{"a":"#.repeat(20_000)),
        ("300 KB", vec![b'"'; 300_000]),
        ("300 KB of a type", with(&format!(r#""type":"{}","message":"m""#, "x".repeat(300_000)))),
        ("a huge number", with(r#""type":"booking_confirmed","message":"m","seats":1e999999999"#)),
        (
            "a long number",
            with(&format!(r#""type":"booking_confirmed","message":"m","seats":{}"#, "9".repeat(5_000))),
        ),
        ("a huge version", with(r#""version":99999999999999999999"#)),
        ("a number", b"1e400".to_vec()),
    ]
}
