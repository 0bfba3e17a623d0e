//! What could not be delivered.

use super::kit::{Kit, at, terms};
use crate::store::{Actor, NotificationRow, Part, Poison, Undeliverable};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::{NotificationId, ParkedId};
use happening_core::wire::{AuditQuery, NotificationStatus, ParkedKind, UndeliveredNotification};

on_every_store!(
    what_waits_for_another_try_is_due_at_its_own_time,
    what_is_given_up_is_parked_until_it_is_requeued,
    what_was_delivered_meanwhile_is_not_given_up,
    the_same_poison_is_parked_once,
    what_was_parked_again_is_not_taken_away,
    parked_ones_are_listed_newest_first_in_pages,
    requeueing_and_discarding_are_audited,
    what_did_not_arrive_is_listed_and_resent,
    what_arrived_is_resent_once_and_audited,
    figures_of_the_outbox,
);

async fn told(kit: &Kit) -> NotificationRow {
    let mut event = kit.event(terms(1)).await;
    let mut batch = kit.batch(2);
    batch.outbox_due = at(10);
    batch.events.push(event.row());
    let row = kit.notification(event.id, kit.organizer, kit.ids.booking());
    batch.notifications.push(row.clone());
    kit.store.commit(&batch).await.expect("a commit");
    event.settle();
    row
}

async fn claimed(kit: &Kit, now: i64) -> Vec<NotificationId> {
    let due = kit.store.claim_due(at(now), at(now + 10), 10).await.expect("claimed");
    due.into_iter().map(|queued| queued.id).collect()
}

async fn statuses(kit: &Kit) -> Vec<NotificationStatus> {
    let told = kit.store.list_notifications_of(kit.organizer, &Part::default()).await.expect("readable");
    told.into_iter().map(|told| told.status).collect()
}

fn given_up(kit: &Kit, notification: NotificationId) -> Undeliverable {
    let id = ParkedId(kit.ids.uuid());
    Undeliverable { id, notification, reason: "no answer".to_owned(), tries: 8 }
}

fn poison(kit: &Kit, text: &str) -> Poison {
    let digest = crate::idempotency::Fingerprint::of(&[], &[text.as_bytes()], &[]).key;
    let (payload, bytes) = (text.as_bytes().to_vec(), 999);
    Poison { id: ParkedId(kit.ids.uuid()), digest, payload, bytes, reason: "no JSON".to_owned() }
}

async fn what_waits_for_another_try_is_due_at_its_own_time(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = told(&kit).await.id;
    for failures in 1..=2 {
        assert_eq!(kit.store.count_failure(id, "no answer").await.expect("counted"), Some(failures));
        kit.store.postpone(id, at(100)).await.expect("put off");
        kit.store.mark_published(&[id], at(20)).await.expect("noted");
        kit.store.release_all(at(5)).await.expect("released");
        assert_eq!(claimed(&kit, 99).await, []);
        assert_eq!(claimed(&kit, 100).await, [id]);
        // In the queue again, it is like any other.
        kit.store.mark_published(&[id], at(200)).await.expect("noted");
        assert_eq!(claimed(&kit, 199).await, []);
        kit.store.release_all(at(5)).await.expect("released");
        assert_eq!(claimed(&kit, 5).await, [id]);
    }
    let unknown = kit.ids.notification();
    assert_eq!(kit.store.count_failure(unknown, "no answer").await.expect("counted"), None);
    assert_eq!(kit.store.known_notifications(&[unknown, id]).await.expect("known"), [id]);
}

async fn what_is_given_up_is_parked_until_it_is_requeued(db: TestStore) {
    let kit = Kit::new(db).await;
    let row = told(&kit).await;
    let up = given_up(&kit, row.id);
    assert!(kit.store.park_notification(&up, at(50)).await.expect("parked"));
    assert!(!kit.store.park_notification(&up, at(51)).await.expect("parked"), "it is already");
    assert_eq!(statuses(&kit).await, [NotificationStatus::Failed]);
    assert_eq!(kit.store.undelivered(&[row.id]).await.expect("readable"), []);
    assert_eq!(claimed(&kit, 999).await, []);
    let parked = kit.store.find_parked(up.id).await.expect("readable").expect("parked");
    assert_eq!((parked.kind, parked.times, parked.parked_at), (ParkedKind::Notification, 8, at(50)));
    assert_eq!((parked.notification_id, parked.user_id), (Some(row.id), Some(kit.organizer)));
    assert_eq!((parked.message, parked.payload_base64), (Some(row.message), None));

    let by = Actor { user: Some(kit.organizer), ..Actor::daemon(at(60)) };
    assert!(kit.store.requeue_notification(up.id, &by).await.expect("requeued"));
    assert!(!kit.store.requeue_notification(up.id, &by).await.expect("requeued"), "once");
    assert_eq!(statuses(&kit).await, [NotificationStatus::Pending]);
    kit.store.mark_published(&[row.id], at(120)).await.expect("the note of an earlier try");
    assert_eq!(claimed(&kit, 60).await, [row.id]);
    assert_eq!(kit.store.count_failure(row.id, "again").await.expect("counted"), Some(1));
}

async fn what_was_delivered_meanwhile_is_not_given_up(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = told(&kit).await.id;
    kit.store.mark_sent(&[id]).await.expect("marked");
    assert_eq!(kit.store.count_failure(id, "no answer").await.expect("counted"), None);
    assert!(!kit.store.park_notification(&given_up(&kit, id), at(50)).await.expect("an answer"));
    assert_eq!(statuses(&kit).await, [NotificationStatus::Sent]);
    assert_eq!(kit.store.list_parked(None, 9).await.expect("readable"), []);
}

async fn the_same_poison_is_parked_once(db: TestStore) {
    let kit = Kit::new(db).await;
    for second in 1..=3 {
        kit.store.park_poison(&poison(&kit, "{"), at(second)).await.expect("parked");
    }
    kit.store.park_poison(&poison(&kit, "["), at(4)).await.expect("parked");
    let parked = kit.store.list_parked(None, 9).await.expect("readable");
    let seen: Vec<_> = parked.iter().map(|one| (one.payload.as_deref(), one.times, one.parked_at)).collect();
    assert_eq!(seen, [(Some("["), 1, at(4)), (Some("{"), 3, at(3))]);
    assert_eq!((parked[0].kind, parked[0].payload_bytes), (ParkedKind::Message, Some(999)));
}

async fn what_was_parked_again_is_not_taken_away(db: TestStore) {
    let kit = Kit::new(db).await;
    let first = poison(&kit, "{");
    let by = Actor::daemon(at(9));
    for _ in 0..2 {
        kit.store.park_poison(&first, at(1)).await.expect("parked");
    }
    assert!(!kit.store.unpark(first.id, 1, "message.requeued", &by).await.expect("an answer"));
    assert!(!kit.store.requeue_notification(first.id, &by).await.expect("an answer"), "no notification");
    assert!(kit.store.unpark(first.id, 2, "message.requeued", &by).await.expect("an answer"));
    assert!(!kit.store.unpark(first.id, 2, "message.requeued", &by).await.expect("an answer"));
    assert_eq!(kit.store.find_parked(first.id).await.expect("readable"), None);
}

async fn parked_ones_are_listed_newest_first_in_pages(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let poison = poison(&kit, &number.to_string());
        kit.store.park_poison(&poison, at(number)).await.expect("parked");
        ids.insert(0, poison.id);
    }
    let mut listed = Vec::new();
    while let Some(page) = Some(kit.store.list_parked(listed.last().copied(), 2).await.expect("readable")) {
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        listed.extend(page.into_iter().map(|parked| parked.id));
    }
    assert_eq!(listed, ids);
}

async fn requeueing_and_discarding_are_audited(db: TestStore) {
    let kit = Kit::new(db).await;
    let up = given_up(&kit, told(&kit).await.id);
    let poison = poison(&kit, "{");
    kit.store.park_notification(&up, at(5)).await.expect("parked");
    kit.store.park_poison(&poison, at(5)).await.expect("parked");
    let by = Actor { user: Some(kit.organizer), ..Actor::daemon(at(60)) };
    kit.store.requeue_notification(up.id, &by).await.expect("requeued");
    kit.store.unpark(poison.id, 1, "message.discarded", &by).await.expect("discarded");
    let lines = "SELECT action || ' ' || target_kind FROM audit_log WHERE actor_id IS NOT NULL ORDER BY id";
    let expected = ["notification.requeued notification", "message.discarded parked_message"];
    assert_eq!(kit.db.texts(lines).await, expected);
}

async fn figures_of_the_outbox(db: TestStore) {
    let kit = Kit::new(db).await;
    let figures = kit.store.outbox_figures().await.expect("figures");
    assert_eq!((figures.pending, figures.oldest, figures.next_due), (0, None, None));
    let (waits, parked) = (told(&kit).await.id, told(&kit).await.id);
    told(&kit).await;
    kit.store.count_failure(waits, "no answer").await.expect("counted");
    kit.store.postpone(waits, at(100)).await.expect("put off");
    kit.store.park_notification(&given_up(&kit, parked), at(5)).await.expect("parked");
    let figures = kit.store.outbox_figures().await.expect("figures");
    assert_eq!((figures.pending, figures.retrying, figures.parked), (2, 1, 1));
    assert_eq!((figures.oldest, figures.next_due), (Some(at(2)), Some(at(10))));
}

async fn undelivered(kit: &Kit) -> Vec<UndeliveredNotification> {
    kit.store.list_undelivered(None, 9).await.expect("readable")
}

async fn what_did_not_arrive_is_listed_and_resent(db: TestStore) {
    let kit = Kit::new(db).await;
    let (first, second) = (told(&kit).await.id, told(&kit).await.id);
    kit.store.count_failure(first, "no answer").await.expect("counted");
    kit.store.postpone(first, at(100)).await.expect("put off");
    let open = undelivered(&kit).await;
    assert_eq!(open.iter().map(|one| one.id).collect::<Vec<_>>(), [second, first], "newest first");
    assert_eq!((open[0].tries, &open[0].reason), (0, &None));
    assert_eq!((open[1].tries, open[1].reason.as_deref()), (1, Some("no answer")));
    assert_eq!((open[1].next_try, open[1].user_id), (Some(at(100)), kit.organizer));
    let page = kit.store.list_undelivered(Some(second), 1).await.expect("readable");
    assert_eq!(page, open[1..]);

    let given_up = given_up(&kit, first);
    assert!(kit.store.park_notification(&given_up, at(3)).await.expect("parked"));
    let open = undelivered(&kit).await;
    assert_eq!((open[1].status, open[1].parked_id), (NotificationStatus::Failed, Some(given_up.id)));
    assert_eq!((open[1].tries, open[1].next_try), (8, None));

    assert!(kit.store.resend_notification(first, &Actor::daemon(at(4))).await.expect("resent"));
    let open = undelivered(&kit).await;
    assert_eq!((open[1].status, open[1].parked_id, open[1].tries), (NotificationStatus::Pending, None, 0));
    assert_eq!(kit.store.list_parked(None, 9).await.expect("readable"), []);
    assert_eq!(claimed(&kit, 5).await, [first], "due at once");
}

async fn what_arrived_is_resent_once_and_audited(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = told(&kit).await.id;
    kit.store.mark_sent(&[id]).await.expect("sent");
    assert_eq!(undelivered(&kit).await, []);
    let by = Actor { user: Some(kit.organizer), ..Actor::daemon(at(4)) };
    for _ in 0..2 {
        assert!(kit.store.resend_notification(id, &by).await.expect("resent"));
    }
    assert_eq!(statuses(&kit).await, [NotificationStatus::Pending]);
    assert_eq!(kit.store.undelivered(&[id]).await.expect("readable"), [id], "the worker delivers it");
    assert_eq!(claimed(&kit, 4).await, [id], "one delivery, however often it was asked for meanwhile");
    let audited = kit.store.list_audit(None, &AuditQuery::default()).await.expect("readable");
    let resent: Vec<_> = audited.iter().filter(|line| line.action == "notification.resent").collect();
    assert_eq!((resent.len(), resent[0].actor_id, &resent[0].target.id), (2, by.user, &id.to_string()));
    let unknown = NotificationId(kit.ids.uuid());
    assert!(!kit.store.resend_notification(unknown, &by).await.expect("nothing there"));
}
