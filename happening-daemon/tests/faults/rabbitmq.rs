//! RabbitMQ is away, stalls, or forgets: bookings go on, and everybody is told soon after, each time once.

use crate::notifications::DRAINED;
use crate::stack::{Fault, Outage, Part, reset};
use crate::stage::{Stage, pause};
use crate::support::eventually;
use crate::support::parts::stack_env;
use happening_core::wire::Health;
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use std::time::{Duration, Instant};

async fn bookings_go_on_while_rabbitmq_is(fault: Fault, milliseconds: u64) {
    let stage = Stage::set().await;
    let load = stage.load().await;
    let outage = Outage::begin(fault, Part::RabbitMq).await;
    // A pause is noticed by the second question that goes unanswered.
    stage.is_ready_as(Health::Degraded, Instant::now() + Duration::from_secs(6)).await;
    pause(milliseconds).await;
    stage.is_ready_as(Health::Degraded, Instant::now()).await;
    let window = outage.end().await;
    stage.is_ready_as(Health::Ok, window.ended + Duration::from_secs(5)).await;
    let history = load.stop().await;
    stage.everybody_is_told(window.ended + DRAINED).await;
    history.assert_flawless("while RabbitMQ was away");
    let p95 = history.begun_between(window.begun, window.ended).percentile(95);
    let quick = history.as_quick_as_before(window.begun, Duration::from_millis(300));
    assert!(p95 < quick, "{p95:?}, not within {quick:?}");
    stage.assert_true(&history).await;
}

#[tokio::test]
async fn bookings_go_on_while_rabbitmq_is_stopped() {
    bookings_go_on_while_rabbitmq_is(Fault::Stopped, 0).await;
}

#[tokio::test]
async fn bookings_go_on_while_rabbitmq_is_killed() {
    bookings_go_on_while_rabbitmq_is(Fault::Killed, 0).await;
}

#[tokio::test]
async fn bookings_go_on_while_rabbitmq_stalls() {
    bookings_go_on_while_rabbitmq_is(Fault::Paused, 4_000).await;
}

/// The test's queue.
struct Queue {
    name: String,
}

impl Queue {
    fn of(stage: &Stage) -> Self {
        Self { name: stage.parts.stack().expect("real parts").queue.clone() }
    }

    /// Deletes it, with all that is in it, through the management plugin.
    async fn delete(&self) {
        let amqp: url::Url = stack_env("RABBITMQ_URL").parse().expect("RABBITMQ_URL");
        let url = format!("{}/api/queues/%2f/{}", stack_env("RABBITMQ_MANAGEMENT_URL"), self.name);
        let http = happening_core::net::http_client(Duration::from_secs(10));
        let answer = http.delete(url).basic_auth(amqp.username(), amqp.password()).send().await;
        let status = answer.expect("the management plugin answers").status();
        assert!(status.is_success(), "{status}");
    }

    /// Messages in it. Asked by AMQP: the plugin's figures are seconds old.
    async fn depth(&self) -> u32 {
        let connection =
            Connection::connect(&stack_env("RABBITMQ_URL"), ConnectionProperties::default()).await;
        let connection = connection.expect("RabbitMQ answers");
        let channel = connection.create_channel().await.expect("a channel");
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let queue = channel.queue_declare(self.name.as_str().into(), options, FieldTable::default()).await;
        queue.expect("the queue").message_count()
    }
}

#[tokio::test]
async fn everybody_is_told_although_the_queue_was_deleted() {
    let stage = Stage::set().await;
    let load = stage.load().await;
    let queue = Queue::of(&stage);
    let mut deleted = Instant::now();
    for _ in 0..3 {
        queue.delete().await;
        deleted = Instant::now();
        pause(1_500).await;
    }
    let history = load.stop().await;
    stage.everybody_is_told(deleted + DRAINED).await;
    stage.is_ready_as(Health::Ok, deleted + DRAINED).await;
    history.assert_flawless("while the queue was deleted");
    stage.assert_true(&history).await;
}

/// What the queue had was noted as published, and would come due again only after a minute.
#[tokio::test]
async fn everybody_is_told_although_a_queue_with_messages_in_it_was_deleted() {
    let mut stage = Stage::set_without_worker().await;
    let load = stage.load().await;
    let queue = Queue::of(&stage);
    eventually("messages wait in the queue", Duration::from_secs(20), async || queue.depth().await >= 100)
        .await;
    let history = load.stop().await;
    let noted = "SELECT count(*) FROM outbox WHERE due_at < now() + interval '20 seconds'";
    eventually("all of them are noted", Duration::from_secs(20), async || {
        sqlx::query_scalar::<_, i64>(noted).fetch_one(&stage.truth).await.expect("a count") == 0
    })
    .await;
    queue.delete().await;
    let deleted = Instant::now();
    stage.add_daemon().await;
    stage.everybody_is_told(deleted + DRAINED).await;
    history.assert_flawless("before the queue was deleted");
    stage.assert_true(&history).await;
}

#[tokio::test]
async fn everybody_is_told_although_the_broker_was_wiped_with_messages_in_it() {
    let mut stage = Stage::set_without_worker().await;
    let load = stage.load().await;
    let queue = Queue::of(&stage);
    eventually("messages wait in the queue", Duration::from_secs(20), async || queue.depth().await >= 100)
        .await;
    let back = reset(Part::RabbitMq).await;
    stage.add_daemon().await;
    let history = load.stop().await;
    stage.everybody_is_told(back + DRAINED).await;
    history.assert_flawless("while the broker was wiped");
    stage.assert_true(&history).await;
}
