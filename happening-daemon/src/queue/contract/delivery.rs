//! From the publisher to the consumer.

use super::*;
use crate::queue::memory::MemoryQueue;

on_every_queue!(
    what_is_published_arrives_as_it_was,
    a_delivery_is_as_large_as_asked_at_most,
    what_is_acknowledged_is_gone,
    what_is_not_goes_to_the_next_consumer,
    what_is_given_back_is_delivered_again,
    each_is_settled_by_itself_in_any_order,
    messages_wait_for_their_consumer,
    a_consumer_waits_for_messages,
    it_answers,
    its_figures_are_told,
    bytes_are_published_as_they_stand,
);

async fn what_is_published_arrives_as_it_was(queue: &dyn Queue) {
    let plain =
        QueuedNotification { event_id: None, seats: None, booking_id: None, booked_by: None, ..message("") };
    let sent = vec![message("Räuber \"& Co\" \\ ☂\n"), plain, message(&"long ".repeat(20_000))];
    queue.publish(&sent).await.expect("published");
    let mut deliveries = queue.consume().await.expect("a consumer");
    let taken = take(&mut *deliveries, 3).await;
    assert_eq!(contents(&taken), sorted(sent));
    let mut distinct = tags(&taken);
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 3, "each has a tag of its own");
    deliveries.ack(&tags(&taken)).await.expect("acknowledged");
    assert_quiet(&mut *deliveries).await;
}

async fn a_delivery_is_as_large_as_asked_at_most(queue: &dyn Queue) {
    let sent = messages(25);
    queue.publish(&sent).await.expect("published");
    let mut deliveries = queue.consume().await.expect("a consumer");
    let mut taken = Vec::new();
    while taken.len() < 25 {
        let next =
            tokio::time::timeout(PATIENCE, deliveries.next(10)).await.expect("in time").expect("lives");
        assert!((1..=10).contains(&next.len()));
        deliveries.ack(&tags(&next)).await.expect("acknowledged");
        taken.extend(next);
    }
    assert_eq!(contents(&taken), sorted(sent));
}

async fn what_is_acknowledged_is_gone(queue: &dyn Queue) {
    queue.publish(&messages(3)).await.expect("published");
    let mut first = queue.consume().await.expect("a consumer");
    let taken = take(&mut *first, 3).await;
    first.ack(&tags(&taken)).await.expect("acknowledged");
    first.ack(&[]).await.expect("nothing to acknowledge");
    drop(first);
    let mut second = queue.consume().await.expect("a consumer");
    assert_quiet(&mut *second).await;
}

async fn what_is_not_goes_to_the_next_consumer(queue: &dyn Queue) {
    let sent = messages(5);
    queue.publish(&sent).await.expect("published");
    let mut first = queue.consume().await.expect("a consumer");
    let taken = take(&mut *first, 5).await;
    // The first two in order of delivery, as the worker does.
    first.ack(&tags(&taken)[..2]).await.expect("acknowledged");
    let rest = contents(&taken[2..]);
    drop(first);
    let mut second = queue.consume().await.expect("a consumer");
    let again = take(&mut *second, 3).await;
    assert_eq!(contents(&again), rest);
    second.ack(&tags(&again)).await.expect("acknowledged");
    assert_quiet(&mut *second).await;
}

async fn each_is_settled_by_itself_in_any_order(queue: &dyn Queue) {
    let sent = messages(6);
    queue.publish(&sent).await.expect("published");
    let mut first = queue.consume().await.expect("a consumer");
    let taken = take(&mut *first, 6).await;
    let settled = tags(&taken);
    first.ack(&[settled[4], settled[1]]).await.expect("acknowledged");
    first.give_back(&[settled[2]]).await.expect("given back");
    let again = take(&mut *first, 1).await;
    assert_eq!(contents(&again), contents(&taken[2..3]), "it alone");
    first.ack(&[tags(&again)[0], settled[0]]).await.expect("acknowledged");
    let rest = contents(&taken[3..4]);
    first.give_back(&[settled[5]]).await.expect("given back");
    let last = take(&mut *first, 1).await;
    first.ack(&tags(&last)).await.expect("acknowledged");
    drop(first);
    let mut second = queue.consume().await.expect("a consumer");
    let left = take(&mut *second, 1).await;
    assert_eq!(contents(&left), rest, "what nobody settled");
    second.ack(&tags(&left)).await.expect("acknowledged");
    assert_quiet(&mut *second).await;
}

async fn what_is_given_back_is_delivered_again(queue: &dyn Queue) {
    let sent = messages(4);
    queue.publish(&sent).await.expect("published");
    let mut deliveries = queue.consume().await.expect("a consumer");
    for _ in 0..3 {
        let taken = take(&mut *deliveries, 4).await;
        assert_eq!(contents(&taken), sorted(sent.clone()));
        deliveries.give_back(&tags(&taken)).await.expect("given back");
        deliveries.give_back(&[]).await.expect("nothing to give back");
    }
    drop(deliveries);
    let mut next = queue.consume().await.expect("a consumer");
    let taken = take(&mut *next, 4).await;
    assert_eq!(contents(&taken), sorted(sent));
    next.ack(&tags(&taken)).await.expect("acknowledged");
    assert_quiet(&mut *next).await;
}

async fn messages_wait_for_their_consumer(queue: &dyn Queue) {
    let sent = messages(1_200);
    for window in sent.chunks(500) {
        queue.publish(window).await.expect("published");
    }
    queue.publish(&[]).await.expect("nothing to publish");
    let mut deliveries = queue.consume().await.expect("a consumer");
    let mut arrived = Vec::new();
    while arrived.len() < sent.len() {
        let taken = take(&mut *deliveries, 400).await;
        deliveries.ack(&tags(&taken)).await.expect("acknowledged");
        arrived.extend(taken);
    }
    assert_eq!(contents(&arrived), sorted(sent));
}

async fn a_consumer_waits_for_messages(queue: &dyn Queue) {
    let mut deliveries = queue.consume().await.expect("a consumer");
    assert_quiet(&mut *deliveries).await;
    let sent = messages(1);
    let (taken, published) = tokio::join!(take(&mut *deliveries, 1), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        queue.publish(&sent).await
    });
    published.expect("published");
    assert_eq!(contents(&taken), sent, "waiting in vain before loses nothing");
    deliveries.ack(&tags(&taken)).await.expect("acknowledged");
}

async fn it_answers(queue: &dyn Queue) {
    queue.ping().await.expect("an answer");
    assert_eq!(queue.is_durable(), queue.kind() == "rabbitmq");
}

#[tokio::test]
async fn in_the_process_a_full_queue_says_so() {
    let queue = MemoryQueue::default();
    let all = messages(10_002);
    let refused = queue.publish(&all).await.expect("an answer");
    assert_eq!(refused, [all[10_000].id, all[10_001].id], "it answers, and says what it did not take");
    assert_eq!(queue.publish_bytes(b"{}".to_vec()).await, Err(QueueError::Full));
    assert_eq!(queue.publish(&all[..5]).await.expect("an answer"), [], "these are in it");
    let mut deliveries = queue.consume().await.expect("a consumer");
    let taken = take(&mut *deliveries, 10_000).await;
    assert_eq!(queue.publish(&all[..5]).await.expect("an answer"), [], "these are being delivered");
    assert_quiet(&mut *deliveries).await;
    deliveries.ack(&tags(&taken)).await.expect("acknowledged");
    assert_eq!(queue.publish(&all[9_999..]).await.expect("an answer"), []);
    let taken = take(&mut *deliveries, 3).await;
    assert_eq!(contents(&taken), sorted(all[9_999..].to_vec()), "what was acknowledged may come again");
    assert_eq!(queue.losses(), 0);
}

async fn its_figures_are_told(queue: &dyn Queue) {
    queue.publish(&messages(3)).await.expect("published");
    let figures = queue.figures().await.expect("figures");
    assert_eq!((figures.kind.as_str(), figures.ready, figures.consumers), (queue.kind(), 3, 0));
    assert!(figures.rates.is_none() && figures.note.is_some(), "rates are for those who know the plugin");
    let mut deliveries = queue.consume().await.expect("a consumer");
    let taken = take(&mut *deliveries, 3).await;
    let figures = queue.figures().await.expect("figures");
    assert_eq!((figures.ready, figures.consumers), (0, 1));
    deliveries.ack(&tags(&taken)).await.expect("acknowledged");
}

async fn bytes_are_published_as_they_stand(queue: &dyn Queue) {
    let sent = message("fine");
    let mut newer = serde_json::to_value(&sent).expect("JSON");
    newer["version"] = 2.into();
    let mut first = newer.clone();
    first["version"] = 1.into();
    let undeliverable = vec![b"{".to_vec(), newer.to_string().into_bytes(), vec![b' '; 70_000]];
    for payload in undeliverable.iter().cloned().chain([first.to_string().into_bytes()]) {
        queue.publish_bytes(payload).await.expect("published");
    }
    let mut deliveries = queue.consume().await.expect("a consumer");
    let taken = take(&mut *deliveries, 4).await;
    let (fine, strange): (Vec<_>, Vec<_>) = taken.iter().partition(|delivery| delivery.message.is_ok());
    assert_eq!((fine.len(), &fine[0].message), (1, &Ok(sent)));
    let kept = |length: usize| {
        strange.iter().find_map(|delivery| {
            delivery.message.as_ref().err().filter(|undeliverable| undeliverable.bytes == length as u64)
        })
    };
    for payload in &undeliverable {
        let kept = kept(payload.len()).expect("each came");
        assert_eq!(kept.payload, payload[..payload.len().min(64 * 1024)]);
        assert_eq!(
            kept.reason.as_str().contains("version 2"),
            payload == &undeliverable[1],
            "{}",
            kept.reason
        );
    }
    deliveries.ack(&tags(&taken)).await.expect("acknowledged");
}
