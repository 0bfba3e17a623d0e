//! What happens to a broker and its queue, and what else is in there.

use super::*;
use crate::queue::rabbit::RabbitQueue;
use crate::testing::{address, own_name};
use futures::FutureExt;
use lapin::options::{BasicGetOptions, BasicPublishOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use serde_json::Value;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Instant;

/// A queue of a test's own, and a way to it past the daemon.
pub(super) struct Broker {
    pub queue: RabbitQueue,
    name: String,
    by_hand: Channel,
}

/// Runs a rule on a queue that is gone afterwards, whatever came of the rule.
pub(super) async fn on_rabbit(rule: impl AsyncFnOnce(&Broker)) {
    let (url, name) = (address("RABBITMQ_URL"), own_name());
    let connected = Connection::connect(&url, ConnectionProperties::default()).await;
    let connection = connected.expect("RabbitMQ at RABBITMQ_URL");
    let by_hand = connection.create_channel().await.expect("a channel");
    let broker = Broker { queue: RabbitQueue::new(&url, &name), name, by_hand };
    let outcome = AssertUnwindSafe(rule(&broker)).catch_unwind().await;
    broker.delete().await;
    outcome.unwrap_or_else(|panic| resume_unwind(panic));
}

impl Broker {
    async fn delete(&self) {
        let deleted =
            self.by_hand.queue_delete(self.name.as_str().into(), QueueDeleteOptions::default()).await;
        deleted.expect("deleted, or not there");
    }

    /// Puts something into the queue as another program would.
    async fn publish(&self, payload: &[u8]) {
        let name = self.name.as_str().into();
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
        let sent = self.by_hand.basic_publish("".into(), name, options, payload, properties).await;
        sent.expect("sent").await.expect("no confirm asked for");
    }

    /// Takes one message out as another program would.
    async fn get(&self) -> Option<(Vec<u8>, BasicProperties)> {
        let options = BasicGetOptions { no_ack: true };
        let got = self.by_hand.basic_get(self.name.as_str().into(), options).await.expect("a queue");
        got.map(|got| (got.delivery.data.clone(), got.delivery.properties.clone()))
    }

    /// Publishes until it succeeds; how often it did not.
    async fn publish_until_it_succeeds(&self, messages: &[QueuedNotification]) -> u32 {
        let mut failures = 0;
        while let Err(error) = self.queue.publish(messages).await {
            failures += 1;
            assert!(failures < 3, "{error}");
        }
        failures
    }
}

#[tokio::test]
async fn other_consumers_read_the_members_of_the_contract() {
    on_rabbit(async |broker| {
        let sent = message("Seats came free.");
        broker.queue.publish(std::slice::from_ref(&sent)).await.expect("published");
        let (payload, properties) = broker.get().await.expect("a message");
        let json: Value = serde_json::from_slice(&payload).expect("JSON");
        let text = |member: &str| json[member].as_str().map(str::to_owned);
        assert_eq!(text("type").as_deref(), Some("waitlist_promoted"));
        assert_eq!(text("eventId"), sent.event_id.map(|id| id.to_string()));
        assert_eq!(text("userId"), Some(sent.user_id.to_string()));
        assert_eq!(json["seats"], 3);
        assert_eq!(text("id"), Some(sent.id.to_string()));
        assert_eq!(text("bookingId"), sent.booking_id.map(|id| id.to_string()));
        assert_eq!(text("message").as_deref(), Some("Seats came free."));
        assert_eq!(properties.delivery_mode(), &Some(2), "survives a restart of the broker");
        assert_eq!(
            properties.content_type().as_ref().map(lapin::types::ShortString::as_str),
            Some("application/json")
        );
    })
    .await;
}

#[tokio::test]
async fn the_queue_is_declared_plain_and_durable() {
    on_rabbit(async |broker| {
        broker.queue.publish(&messages(1)).await.expect("published");
        // As an existing consumer declares it; any difference would be an error.
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let name = broker.name.as_str().into();
        let declared = broker.by_hand.queue_declare(name, options, FieldTable::default()).await;
        assert_eq!(declared.expect("the same").message_count(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_notification_is_told_and_can_be_acknowledged_away() {
    on_rabbit(async |broker| {
        let sent = message("fine");
        broker.queue.publish(std::slice::from_ref(&sent)).await.expect("published");
        let undeliverable: [&[u8]; 6] =
            [b"", b"{", b"null", b"[]", b"{\"type\":\"nonsense\"}", &[0xFF, 0xFE, 0]];
        for payload in undeliverable {
            broker.publish(payload).await;
        }
        let mut deliveries = broker.queue.consume().await.expect("a consumer");
        let taken = take(&mut *deliveries, 7).await;
        let (fine, strange): (Vec<_>, Vec<_>) = taken.iter().partition(|delivery| delivery.message.is_ok());
        assert_eq!((fine.len(), strange.len()), (1, 6));
        assert_eq!(fine[0].message, Ok(sent));
        deliveries.ack(&tags(&taken)).await.expect("acknowledged");
        drop(deliveries);
        let mut next = broker.queue.consume().await.expect("a consumer");
        assert_quiet(&mut *next).await;
    })
    .await;
}

#[tokio::test]
async fn members_that_are_not_known_are_ignored() {
    on_rabbit(async |broker| {
        let sent = message("from a newer daemon");
        let mut json = serde_json::to_value(&sent).expect("JSON");
        json["new"] = Value::from(1);
        broker.queue.publish(&messages(1)).await.expect("published");
        broker.get().await.expect("only to have the queue declared");
        broker.publish(json.to_string().as_bytes()).await;
        let mut deliveries = broker.queue.consume().await.expect("a consumer");
        assert_eq!(contents(&take(&mut *deliveries, 1).await), [sent]);
    })
    .await;
}

#[tokio::test]
async fn what_is_published_to_a_deleted_queue_is_not_lost_silently() {
    on_rabbit(async |broker| {
        broker.queue.publish(&messages(1)).await.expect("published");
        for _ in 0..3 {
            broker.delete().await;
            let sent = messages(20);
            let failures = broker.publish_until_it_succeeds(&sent).await;
            assert!(failures <= 1, "the second try declares the queue again");
            let mut deliveries = broker.queue.consume().await.expect("a consumer");
            let taken = take(&mut *deliveries, 20).await;
            assert_eq!(contents(&taken), sorted(sent), "what was said to be safe is there, once");
            deliveries.ack(&tags(&taken)).await.expect("acknowledged");
            assert_quiet(&mut *deliveries).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_queue_that_is_deleted_ends_its_consumer() {
    on_rabbit(async |broker| {
        let mut deliveries = broker.queue.consume().await.expect("a consumer");
        broker.delete().await;
        let started = Instant::now();
        let ended = tokio::time::timeout(PATIENCE, deliveries.next(1)).await.expect("an end, in time");
        assert!(ended.is_err() && started.elapsed() < Duration::from_secs(3), "{ended:?}");
        let mut next = broker.queue.consume().await.expect("a consumer of the queue, declared again");
        let sent = messages(1);
        broker.publish_until_it_succeeds(&sent).await;
        assert_eq!(contents(&take(&mut *next, 1).await), sent);
    })
    .await;
}

#[tokio::test]
async fn a_consumer_whose_end_comes_with_deliveries_ends_all_the_same() {
    on_rabbit(async |broker| {
        let sent = messages(20);
        broker.queue.publish(&sent).await.expect("published");
        let mut deliveries = broker.queue.consume().await.expect("a consumer");
        // Both are there before anybody looks: the deliveries, and that there are no more.
        let taken = take(&mut *deliveries, 1).await;
        deliveries.ack(&tags(&taken)).await.expect("acknowledged");
        broker.delete().await;
        tokio::time::sleep(QUIET).await;
        let rest = tokio::time::timeout(PATIENCE, deliveries.next(100)).await.expect("in time");
        assert_eq!(rest.expect("what came before the end").len(), 19);
        let ended = tokio::time::timeout(PATIENCE, deliveries.next(100)).await.expect("an end, in time");
        assert!(ended.is_err(), "{ended:?}");
    })
    .await;
}

#[tokio::test]
async fn a_ping_finds_a_deleted_queue_and_brings_it_back() {
    on_rabbit(async |broker| {
        broker.queue.ping().await.expect("an answer");
        broker.delete().await;
        assert!(broker.queue.ping().await.is_err(), "it is not there");
        broker.queue.ping().await.expect("now it is again");
        broker.queue.publish(&messages(1)).await.expect("published");
        assert!(broker.get().await.is_some());
    })
    .await;
}

#[tokio::test]
async fn whatever_may_have_lost_messages_is_counted() {
    on_rabbit(async |broker| {
        broker.queue.publish(&messages(1)).await.expect("published");
        let mut before = broker.queue.losses();
        for _ in 0..3 {
            broker.queue.ping().await.expect("an answer");
            broker.queue.publish(&messages(1)).await.expect("published");
            drop(broker.queue.consume().await.expect("a consumer"));
        }
        assert_eq!(broker.queue.losses(), before, "nothing happened to it");
        // The consumer finds it gone, and declares it again before the relay looks.
        broker.delete().await;
        drop(broker.queue.consume().await.expect("a consumer"));
        assert!(broker.queue.losses() > before, "the queue did not exist");
        broker.queue.ping().await.expect("it is there");
        before = broker.queue.losses();
        // Deleted and declared by somebody else while the relay's session ended.
        broker.delete().await;
        assert!(broker.queue.ping().await.is_err());
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let name = broker.name.as_str().into();
        broker.by_hand.queue_declare(name, options, FieldTable::default()).await.expect("declared");
        broker.queue.ping().await.expect("it is there");
        assert!(broker.queue.losses() > before, "nobody watched it meanwhile");
    })
    .await;
}

/// Changes a policy of the broker for queues of this name, through the management plugin.
async fn policy(method: reqwest::Method, name: &str, body: Option<Value>) {
    let amqp: url::Url = address("RABBITMQ_URL").parse().expect("RABBITMQ_URL");
    let url = format!("{}/api/policies/%2f/{name}", address("RABBITMQ_MANAGEMENT_URL"));
    let http = happening_core::net::http_client(PATIENCE);
    let request = http.request(method, url).basic_auth(amqp.username(), amqp.password());
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let status = request.send().await.expect("the management plugin answers").status();
    assert!(status.is_success(), "{status}");
}

#[tokio::test]
async fn a_queue_that_may_not_grow_is_full_and_not_away() {
    on_rabbit(async |broker| {
        broker.queue.publish(&messages(1)).await.expect("published");
        let rule = serde_json::json!({
            "pattern": format!("^{}$", broker.name), "apply-to": "queues",
            "definition": {"max-length": 5, "overflow": "reject-publish"},
        });
        policy(reqwest::Method::PUT, &broker.name, Some(rule)).await;
        let started = Instant::now();
        // The broker applies it in a moment, and counts roughly.
        let refused = loop {
            let refused = broker.queue.publish(&messages(20)).await.expect("an answer");
            if !refused.is_empty() {
                break refused;
            }
            assert!(started.elapsed() < PATIENCE, "it grows and grows");
        };
        assert!(refused.len() <= 20);
        assert_eq!(broker.queue.publish_bytes(b"{}".to_vec()).await, Err(QueueError::Full));
        let losses = broker.queue.losses();
        policy(reqwest::Method::DELETE, &broker.name, None).await;
        let sent = messages(3);
        while !broker.queue.publish(&sent).await.expect("an answer").is_empty() {
            assert!(started.elapsed() < PATIENCE * 2, "it takes nothing more");
        }
        assert_eq!(broker.queue.losses(), losses, "nothing was lost");
    })
    .await;
}

#[tokio::test]
async fn a_broker_that_is_away_is_an_error_in_time() {
    let nobody = RabbitQueue::new("amqp://127.0.0.1:1", "nothing");
    let started = Instant::now();
    assert!(nobody.ping().await.is_err());
    assert!(nobody.publish(&messages(1)).await.is_err());
    assert!(nobody.consume().await.is_err());
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_management_plugin_tells_rates_and_its_absence_is_told() {
    on_rabbit(async |broker| {
        let (url, name) = (address("RABBITMQ_URL"), broker.name.as_str());
        let with =
            |management: &str| RabbitQueue::new(&url, name).with_management(management).expect("addresses");
        let queue = with(&address("RABBITMQ_MANAGEMENT_URL"));
        let started = Instant::now();
        // The plugin's figures are some seconds old.
        let figures = loop {
            queue.publish(&messages(20)).await.expect("published");
            let figures = queue.figures().await.expect("figures");
            if figures.rates.is_some() && figures.unacknowledged.is_some() {
                break figures;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "no rates in time: {figures:?}");
            tokio::time::sleep(Duration::from_millis(300)).await;
        };
        assert!(figures.rates.is_some_and(|rates| rates.publish >= 0.0) && figures.note.is_none());
        assert_eq!(figures.unacknowledged, Some(0));
        assert_eq!(figures.ready % 20, 0, "of this instant, by AMQP");
        let away = with("http://127.0.0.1:1").figures().await.expect("figures all the same");
        assert!(away.rates.is_none() && away.note.is_some());
        assert_eq!(away.ready, figures.ready);
    })
    .await;
}
