//! What every queue does: each rule runs on RabbitMQ, on a queue of its own, and on its stand-in in the process. What
//! happens to a broker is in `contract/broker.rs`.

mod broker;
mod delivery;

use super::{Deliveries, Delivery, Queue, QueueError};
use crate::ids::Ids;
use happening_core::wire::{NotificationType, QueuedNotification};
use std::time::Duration;

/// Long enough for whatever is there to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Long enough to believe that nothing comes.
const QUIET: Duration = Duration::from_millis(300);

/// Makes of each rule, an `async fn(&dyn Queue)`, a test on RabbitMQ and a test in the process.
macro_rules! on_every_queue {
    ($($rule:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(&$crate::queue::memory::MemoryQueue::default()).await;
            })+
        }
        mod rabbit {
            $(#[tokio::test]
            async fn $rule() {
                $crate::queue::contract::broker::on_rabbit(async |broker| super::$rule(&broker.queue).await).await;
            })+
        }
    };
}
use on_every_queue;

fn message(text: &str) -> QueuedNotification {
    let ids = Ids::default();
    QueuedNotification {
        id: ids.notification(),
        kind: NotificationType::WaitlistPromoted,
        event_id: Some(ids.event()),
        user_id: ids.user(),
        seats: Some(3),
        booking_id: Some(ids.booking()),
        message: text.to_owned(),
        booked_by: None,
    }
}

fn messages(count: usize) -> Vec<QueuedNotification> {
    (0..count).map(|number| message(&format!("number {number}"))).collect()
}

/// Deliveries until there are `count`.
async fn take(deliveries: &mut dyn Deliveries, count: usize) -> Vec<Delivery> {
    let mut taken = Vec::new();
    while taken.len() < count {
        let next = tokio::time::timeout(PATIENCE, deliveries.next(count - taken.len())).await;
        taken.extend(next.expect("a delivery, in time").expect("a consumer that lives"));
    }
    taken
}

/// Nothing arrives.
async fn assert_quiet(deliveries: &mut dyn Deliveries) {
    let next = tokio::time::timeout(QUIET, deliveries.next(1)).await;
    assert!(next.is_err(), "nothing was to arrive: {next:?}");
}

fn tags(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().map(|delivery| delivery.tag).collect()
}

/// What arrived, in the order of ids: a queue promises no other.
fn contents(deliveries: &[Delivery]) -> Vec<QueuedNotification> {
    let parsed = |delivery: &Delivery| delivery.message.clone().expect("a notification");
    sorted(deliveries.iter().map(parsed).collect())
}

fn sorted(mut messages: Vec<QueuedNotification>) -> Vec<QueuedNotification> {
    messages.sort_by_key(|message| message.id);
    messages
}
