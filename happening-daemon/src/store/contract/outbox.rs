//! The life of what is to be told.

use super::kit::{Kit, at, terms};
use crate::store::{NotificationFilter, NotificationRow};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::{EventId, NotificationId};
use happening_core::wire::{NotificationStatus, QueuedNotification};
use std::collections::BTreeSet;
use std::sync::Arc;

on_every_store!(
    what_a_commit_tells_is_in_the_outbox,
    what_is_due_is_claimed_once_until_its_lease_ends,
    the_longest_due_is_claimed_first,
    relays_that_claim_at_once_share_no_row,
    what_the_broker_has_comes_due_again_later,
    what_was_released_is_not_put_off_by_a_late_note,
    what_is_delivered_is_sent_and_never_due_again,
    what_nobody_knows_is_not_to_be_delivered,
);

/// An event with a notification for each of `due`, which come due then.
async fn told(kit: &Kit, due: &[i64]) -> (EventId, Vec<NotificationRow>) {
    let mut event = kit.event(terms(1)).await;
    let mut rows = Vec::new();
    for due in due {
        let mut batch = kit.batch(2);
        batch.outbox_due = at(*due);
        batch.events.push(event.row());
        let row = kit.notification(event.id, kit.organizer, kit.ids.booking());
        batch.notifications.push(row.clone());
        kit.store.commit(&batch).await.expect("a commit");
        event.settle();
        rows.push(row);
    }
    (event.id, rows)
}

fn ids(queued: &[QueuedNotification]) -> Vec<NotificationId> {
    queued.iter().map(|queued| queued.id).collect()
}

async fn claim(kit: &Kit, now: i64, lease: i64, limit: u32) -> Vec<NotificationId> {
    ids(&kit.store.claim_due(at(now), at(lease), limit).await.expect("claimed"))
}

async fn what_a_commit_tells_is_in_the_outbox(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(1)).await;
    let booking = event.book(kit.organizer, 1);
    let row = kit.notification(event.id, kit.organizer, booking);
    let mut batch = kit.batch(2);
    event.draft(&mut batch);
    batch.notifications.push(row.clone());
    kit.store.commit(&batch).await.expect("a commit");

    assert_eq!(kit.store.backlog().await.expect("readable"), 1);
    let told = kit
        .store
        .list_notifications_of(kit.organizer, &NotificationFilter::default())
        .await
        .expect("readable");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].id, told[0].user_id, told[0].kind), (row.id, row.user, row.kind));
    assert_eq!((told[0].event_id, told[0].booking_id), (Some(event.id), Some(booking)));
    assert_eq!((told[0].status, told[0].created_at), (NotificationStatus::Pending, at(2)));
    assert_eq!(told[0].message, row.message);
    assert_eq!(told[0].booked_by, Some(kit.organizer));
    assert_eq!(told[0].booked_by_username.as_deref(), Some("olga"));

    assert_eq!(claim(&kit, 6, 99, 10).await, [], "this daemon's relay has five seconds");
    let due = kit.store.claim_due(at(7), at(99), 10).await.expect("claimed");
    let expected = QueuedNotification {
        id: row.id,
        kind: row.kind,
        event_id: Some(event.id),
        user_id: row.user,
        seats: Some(row.seats),
        booking_id: Some(booking),
        message: row.message,
        booked_by: row.booked_by,
    };
    assert_eq!(due, [expected]);
}

async fn what_is_due_is_claimed_once_until_its_lease_ends(db: TestStore) {
    let kit = Kit::new(db).await;
    let (_, rows) = told(&kit, &[10]).await;
    assert_eq!(claim(&kit, 9, 20, 10).await, []);
    assert_eq!(claim(&kit, 10, 20, 10).await, [rows[0].id]);
    assert_eq!(claim(&kit, 10, 20, 10).await, []);
    assert_eq!(claim(&kit, 19, 30, 10).await, []);
    assert_eq!(claim(&kit, 20, 30, 10).await, [rows[0].id]);
    assert_eq!(kit.store.backlog().await.expect("readable"), 1, "claimed is not delivered");
    assert_eq!(kit.db.texts("SELECT CAST(attempts AS text) FROM outbox").await, ["2"]);
}

async fn the_longest_due_is_claimed_first(db: TestStore) {
    let kit = Kit::new(db).await;
    let (_, rows) = told(&kit, &[30, 10, 20, 40]).await;
    assert_eq!(claim(&kit, 50, 60, 0).await, []);
    assert_eq!(claim(&kit, 50, 60, 2).await, [rows[1].id, rows[2].id]);
    assert_eq!(claim(&kit, 35, 60, 9).await, [rows[0].id]);
    assert_eq!(claim(&kit, 50, 60, 9).await, [rows[3].id]);
}

async fn relays_that_claim_at_once_share_no_row(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(1)).await;
    let mut batch = kit.batch(2);
    batch.events.push(event.row());
    batch.notifications =
        (0..600).map(|_| kit.notification(event.id, kit.organizer, kit.ids.booking())).collect();
    kit.store.commit(&batch).await.expect("a commit");
    event.settle();
    let relay = || {
        let store = Arc::clone(&kit.store);
        tokio::spawn(async move {
            let mut claimed = Vec::new();
            for _ in 0..20 {
                claimed.extend(ids(&store.claim_due(at(10), at(99), 30).await.expect("claimed")));
            }
            claimed
        })
    };
    let (one, two) = (relay(), relay());
    let mut claimed = one.await.expect("no panic");
    claimed.extend(two.await.expect("no panic"));
    // A row that was locked at the wrong instant is left for the next sweep.
    claimed.extend(claim(&kit, 10, 99, 600).await);
    let distinct: BTreeSet<NotificationId> = claimed.iter().copied().collect();
    assert_eq!((claimed.len(), distinct.len()), (600, 600));
}

async fn what_the_broker_has_comes_due_again_later(db: TestStore) {
    let kit = Kit::new(db).await;
    let (_, rows) = told(&kit, &[10, 10]).await;
    kit.store.mark_published(&[rows[0].id], at(10), at(60)).await.expect("marked");
    assert_eq!(claim(&kit, 30, 40, 9).await, [rows[1].id]);
    kit.store.mark_published(&[rows[1].id, kit.ids.notification()], at(30), at(50)).await.expect("marked");
    kit.store.mark_published(&[], at(0), at(0)).await.expect("marked");
    assert_eq!(claim(&kit, 49, 99, 9).await, []);
    assert_eq!(claim(&kit, 60, 99, 1).await, [rows[1].id]);
    assert_eq!(claim(&kit, 60, 99, 9).await, [rows[0].id]);
    let states = kit.store.delivery_states(&[rows[0].id]).await.expect("readable");
    assert_eq!(states[&rows[0].id], NotificationStatus::Pending, "published is not delivered");
}

async fn what_is_delivered_is_sent_and_never_due_again(db: TestStore) {
    let kit = Kit::new(db).await;
    let (_, rows) = told(&kit, &[10, 10, 10]).await;
    let delivered = [rows[0].id, rows[2].id];
    for _ in 0..2 {
        kit.store.mark_sent(&delivered).await.expect("marked");
        assert_eq!(kit.store.backlog().await.expect("readable"), 1);
    }
    let told = kit
        .store
        .list_notifications_of(kit.organizer, &NotificationFilter::default())
        .await
        .expect("readable");
    let sent: BTreeSet<_> =
        told.iter().filter(|told| told.status == NotificationStatus::Sent).map(|told| told.id).collect();
    assert_eq!(sent, BTreeSet::from(delivered));
    let all: Vec<_> = rows.iter().map(|row| row.id).collect();
    let states = kit.store.delivery_states(&all).await.expect("readable");
    let expected = [
        (rows[0].id, NotificationStatus::Sent),
        (rows[1].id, NotificationStatus::Pending),
        (rows[2].id, NotificationStatus::Sent),
    ];
    assert_eq!(states, expected.into());

    // The relay's note arrives after the delivery: it brings nothing back.
    kit.store.mark_published(&all, at(10), at(20)).await.expect("marked");
    assert_eq!(claim(&kit, 99, 200, 9).await, [rows[1].id]);
    kit.store.mark_sent(&[]).await.expect("marked");
}

async fn what_nobody_knows_is_not_to_be_delivered(db: TestStore) {
    let kit = Kit::new(db).await;
    assert_eq!(kit.store.delivery_states(&[kit.ids.notification()]).await.expect("readable"), [].into());
    assert_eq!(kit.store.delivery_states(&[]).await.expect("readable"), [].into());
    kit.store.mark_sent(&[kit.ids.notification()]).await.expect("marked");
    assert_eq!(kit.store.backlog().await.expect("readable"), 0);
}

async fn what_was_released_is_not_put_off_by_a_late_note(db: TestStore) {
    let kit = Kit::new(db).await;
    let (_, rows) = told(&kit, &[10, 10]).await;
    kit.store.mark_published(&[rows[0].id], at(11), at(71)).await.expect("noted in time");
    kit.store.release_all(at(20)).await.expect("released");
    // Another daemon published this one before the queue was lost, and notes it only now.
    kit.store.mark_published(&[rows[1].id], at(19), at(79)).await.expect("noted late");
    assert_eq!(claim(&kit, 20, 30, 9).await.len(), 2, "both are due at once");
    kit.store.mark_published(&[rows[0].id, rows[1].id], at(21), at(81)).await.expect("noted");
    assert_eq!(claim(&kit, 80, 90, 9).await, [], "what was published since is noted as ever");
}
