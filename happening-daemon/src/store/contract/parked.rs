//! What could not be delivered.

use super::kit::{Kit, at, terms};
use crate::store::{
    Actor, DeliveryFailure, GivenUpNotification, NewParkedMessage, NotificationFilter, NotificationRow,
    Postponement, Progress, Reason, UndeliverableClass,
};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::{NotificationId, ParkedId};
use happening_core::wire::{AuditQuery, NotificationStatus, ParkedKind, UndeliveredNotification};
use std::collections::HashMap;

on_every_store!(
    what_waits_for_another_try_is_due_at_its_own_time,
    failures_of_many_are_counted_and_put_off_in_one_go,
    channels_that_are_through_are_known_until_it_is_sent_by_hand,
    any_text_and_any_bytes_are_parked_readably,
    of_each_class_the_newest_are_kept_and_the_others_counted,
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
    let told = kit
        .store
        .list_notifications_of(kit.organizer, &NotificationFilter::default())
        .await
        .expect("readable");
    told.into_iter().map(|told| told.status).collect()
}

fn given_up(kit: &Kit, notification: NotificationId) -> GivenUpNotification {
    let id = ParkedId(kit.ids.uuid());
    GivenUpNotification { id, notification, reason: "no answer".into(), tries: 8 }
}

fn undeliverable(kit: &Kit, text: &str) -> NewParkedMessage {
    let digest = crate::idempotency::Fingerprint::of(&[], &[text.as_bytes()], &[]).key;
    let (payload, bytes) = (text.as_bytes().to_vec(), 999);
    let (id, class) = (ParkedId(kit.ids.uuid()), UndeliverableClass::NotJson);
    NewParkedMessage { id, class, digest, payload, bytes, reason: "no JSON".into(), times: 1 }
}

async fn failed(kit: &Kit, id: NotificationId, reason: &str) -> Option<u32> {
    let failure = DeliveryFailure { notification: id, reason: reason.into() };
    kit.store.count_failures(&[failure]).await.expect("counted").remove(&id)
}

/// A next try for which every channel is still to be used.
fn put_off(notification: NotificationId, until: i64) -> Postponement {
    Postponement { notification, until: at(until), progress: Progress::default() }
}

async fn park_message(kit: &Kit, undeliverable: &NewParkedMessage, second: i64) {
    kit.store.park_messages(std::slice::from_ref(undeliverable), at(second)).await.expect("parked");
}

async fn give_up(kit: &Kit, up: &GivenUpNotification, second: i64) -> bool {
    kit.store.park_notifications(std::slice::from_ref(up), at(second)).await.expect("an answer") == 1
}

async fn what_waits_for_another_try_is_due_at_its_own_time(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = told(&kit).await.id;
    for failures in 1..=2 {
        assert_eq!(failed(&kit, id, "no answer").await, Some(failures));
        kit.store.postpone(&[put_off(id, 100)]).await.expect("put off");
        kit.store.mark_published(&[id], at(19), at(20)).await.expect("noted");
        kit.store.release_all(at(5)).await.expect("released");
        assert_eq!(claimed(&kit, 99).await, []);
        assert_eq!(claimed(&kit, 100).await, [id]);
        // In the queue again, it is like any other.
        kit.store.mark_published(&[id], at(101), at(200)).await.expect("noted");
        assert_eq!(claimed(&kit, 199).await, []);
        kit.store.release_all(at(5)).await.expect("released");
        assert_eq!(claimed(&kit, 5).await, [id]);
    }
    let unknown = kit.ids.notification();
    assert_eq!(failed(&kit, unknown, "no answer").await, None);
}

async fn what_is_given_up_is_parked_until_it_is_requeued(db: TestStore) {
    let kit = Kit::new(db).await;
    let row = told(&kit).await;
    let up = given_up(&kit, row.id);
    assert!(give_up(&kit, &up, 50).await);
    assert!(!give_up(&kit, &up, 51).await, "it is already");
    assert_eq!(statuses(&kit).await, [NotificationStatus::Failed]);
    assert_eq!(
        kit.store.delivery_states(&[row.id]).await.expect("readable")[&row.id],
        NotificationStatus::Failed
    );
    assert_eq!(claimed(&kit, 999).await, []);
    let parked = kit.store.find_parked(up.id).await.expect("readable").expect("parked");
    assert_eq!((parked.kind, parked.times, parked.parked_at), (ParkedKind::Notification, 8, at(50)));
    assert_eq!((parked.notification_id, parked.user_id), (Some(row.id), Some(kit.organizer)));
    assert_eq!((parked.message, parked.payload_base64), (Some(row.message), None));

    let by = Actor { user: Some(kit.organizer), ..Actor::daemon(at(60)) };
    assert!(kit.rules().requeue_notification(up.id, &by).await.expect("requeued"));
    assert!(!kit.rules().requeue_notification(up.id, &by).await.expect("requeued"), "once");
    assert_eq!(statuses(&kit).await, [NotificationStatus::Pending]);
    kit.store.mark_published(&[row.id], at(60), at(120)).await.expect("the note of an earlier try");
    assert_eq!(claimed(&kit, 60).await, [row.id]);
    assert_eq!(failed(&kit, row.id, "again").await, Some(1));
}

async fn what_was_delivered_meanwhile_is_not_given_up(db: TestStore) {
    let kit = Kit::new(db).await;
    let id = told(&kit).await.id;
    kit.store.mark_sent(&[id]).await.expect("marked");
    assert_eq!(failed(&kit, id, "no answer").await, None);
    assert!(!give_up(&kit, &given_up(&kit, id), 50).await);
    assert_eq!(statuses(&kit).await, [NotificationStatus::Sent]);
    assert_eq!(kit.store.list_parked(None, 9).await.expect("readable"), []);
}

async fn the_same_poison_is_parked_once(db: TestStore) {
    let kit = Kit::new(db).await;
    for second in 1..=3 {
        park_message(&kit, &undeliverable(&kit, "{"), second).await;
    }
    park_message(&kit, &undeliverable(&kit, "["), 4).await;
    let parked = kit.store.list_parked(None, 9).await.expect("readable");
    let seen: Vec<_> = parked.iter().map(|one| (one.payload.as_deref(), one.times, one.parked_at)).collect();
    assert_eq!(seen, [(Some("["), 1, at(4)), (Some("{"), 3, at(3))]);
    assert_eq!((parked[0].kind, parked[0].payload_bytes), (ParkedKind::Message, Some(999)));
}

async fn what_was_parked_again_is_not_taken_away(db: TestStore) {
    let kit = Kit::new(db).await;
    let first = undeliverable(&kit, "{");
    let by = Actor::daemon(at(9));
    for _ in 0..2 {
        park_message(&kit, &first, 1).await;
    }
    assert!(!kit.rules().unpark(first.id, 1, "message.requeued", &by).await.expect("an answer"));
    assert!(!kit.rules().requeue_notification(first.id, &by).await.expect("an answer"), "no notification");
    assert!(kit.rules().unpark(first.id, 2, "message.requeued", &by).await.expect("an answer"));
    assert!(!kit.rules().unpark(first.id, 2, "message.requeued", &by).await.expect("an answer"));
    assert_eq!(kit.store.find_parked(first.id).await.expect("readable"), None);
}

async fn parked_ones_are_listed_newest_first_in_pages(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let undeliverable = undeliverable(&kit, &number.to_string());
        park_message(&kit, &undeliverable, number).await;
        ids.insert(0, undeliverable.id);
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
    let undeliverable = undeliverable(&kit, "{");
    assert!(give_up(&kit, &up, 5).await);
    park_message(&kit, &undeliverable, 5).await;
    let by = Actor { user: Some(kit.organizer), ..Actor::daemon(at(60)) };
    kit.rules().requeue_notification(up.id, &by).await.expect("requeued");
    kit.rules().unpark(undeliverable.id, 1, "message.discarded", &by).await.expect("discarded");
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
    failed(&kit, waits, "no answer").await.expect("counted");
    kit.store.postpone(&[put_off(waits, 100)]).await.expect("put off");
    assert!(give_up(&kit, &given_up(&kit, parked), 5).await);
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
    failed(&kit, first, "no answer").await.expect("counted");
    kit.store.postpone(&[put_off(first, 100)]).await.expect("put off");
    let open = undelivered(&kit).await;
    assert_eq!(open.iter().map(|one| one.id).collect::<Vec<_>>(), [second, first], "newest first");
    assert_eq!((open[0].tries, &open[0].reason), (0, &None));
    assert_eq!((open[1].tries, open[1].reason.as_deref()), (1, Some("no answer")));
    assert_eq!((open[1].next_try, open[1].user_id), (Some(at(100)), kit.organizer));
    let page = kit.store.list_undelivered(Some(second), 1).await.expect("readable");
    assert_eq!(page, open[1..]);

    let given_up = given_up(&kit, first);
    assert!(give_up(&kit, &given_up, 3).await);
    let open = undelivered(&kit).await;
    assert_eq!((open[1].status, open[1].parked_id), (NotificationStatus::Failed, Some(given_up.id)));
    assert_eq!((open[1].tries, open[1].next_try), (8, None));

    assert!(kit.rules().resend_notification(first, &Actor::daemon(at(4))).await.expect("resent"));
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
        assert!(kit.rules().resend_notification(id, &by).await.expect("resent"));
    }
    assert_eq!(statuses(&kit).await, [NotificationStatus::Pending]);
    let states = kit.store.delivery_states(&[id]).await.expect("readable");
    assert_eq!(states[&id], NotificationStatus::Pending, "the worker delivers it");
    assert_eq!(claimed(&kit, 4).await, [id], "one delivery, however often it was asked for meanwhile");
    let audited = kit.store.list_audit(None, &AuditQuery::default()).await.expect("readable");
    let resent: Vec<_> = audited.iter().filter(|line| line.action == "notification.resent").collect();
    assert_eq!((resent.len(), resent[0].actor_id, &resent[0].target.id), (2, by.user, &id.to_string()));
    let unknown = NotificationId(kit.ids.uuid());
    assert!(!kit.rules().resend_notification(unknown, &by).await.expect("nothing there"));
}

async fn failures_of_many_are_counted_and_put_off_in_one_go(db: TestStore) {
    let kit = Kit::new(db).await;
    let (first, second) = (told(&kit).await.id, told(&kit).await.id);
    failed(&kit, first, "earlier").await.expect("counted");
    let unknown = kit.ids.notification();
    let failures: Vec<_> = [first, unknown, second]
        .map(|notification| DeliveryFailure { notification, reason: Reason::new("no answer") })
        .into();
    let counted = kit.store.count_failures(&failures).await.expect("counted");
    assert_eq!(counted, [(first, 2), (second, 1)].into());
    kit.store
        .postpone(&[put_off(first, 30), put_off(second, 40), put_off(unknown, 1)])
        .await
        .expect("put off");
    assert_eq!(claimed(&kit, 29).await, []);
    assert_eq!(claimed(&kit, 30).await, [first]);
    assert!(claimed(&kit, 40).await.contains(&second));
    let up = [given_up(&kit, first), given_up(&kit, unknown), given_up(&kit, second)];
    assert_eq!(kit.store.park_notifications(&up, at(50)).await.expect("parked"), 2);
    assert_eq!(statuses(&kit).await, [NotificationStatus::Failed; 2]);
    for nothing in [kit.store.count_failures(&[]).await.map(drop), kit.store.postpone(&[]).await] {
        nothing.expect("nothing to do");
    }
    kit.store.park_messages(&[], at(1)).await.expect("nothing to do");
}

async fn channels_that_are_through_are_known_until_it_is_sent_by_hand(db: TestStore) {
    let kit = Kit::new(db).await;
    let (first, second) = (told(&kit).await.id, told(&kit).await.id);
    let ids = [first, second, kit.ids.notification()];
    let known = async || kit.store.list_progress(&ids).await.expect("readable");
    assert_eq!(known().await, HashMap::new());
    let mut progress = Progress::default();
    progress.delivered("log");
    progress.rejected("mail", &Reason::new("550 5.1.1 \"nobody\"\0 ☂"));
    let postponement = Postponement { progress: progress.clone(), ..put_off(first, 30) };
    kit.store.postpone(&[postponement, put_off(second, 30)]).await.expect("put off");
    assert_eq!(known().await, HashMap::from([(first, progress.clone())]));
    assert!(progress.has("log") && progress.has("mail") && !progress.has("webhook"));
    assert_eq!(progress.rejections().collect::<Vec<_>>(), ["mail: 550 5.1.1 \"nobody\"␀ ☂"]);
    // A later note replaces it, a claim leaves it.
    assert_eq!(claimed(&kit, 30).await.len(), 2);
    assert_eq!(known().await, HashMap::from([(first, progress)]));
    assert!(kit.rules().resend_notification(first, &Actor::daemon(at(40))).await.expect("resent"));
    assert_eq!(known().await, HashMap::new(), "sent by hand it is for every channel");
}

async fn any_text_and_any_bytes_are_parked_readably(db: TestStore) {
    let kit = Kit::new(db).await;
    let said = "unknown variant `a\0b\u{1b}[2J\u{202e}\r\n`\u{feff}";
    let up = GivenUpNotification { reason: said.into(), ..given_up(&kit, told(&kit).await.id) };
    failed(&kit, up.notification, said).await.expect("counted");
    let undelivered = kit.store.list_undelivered(None, 9).await.expect("readable");
    assert!(
        undelivered[0].reason.as_deref().is_some_and(|reason| reason.starts_with("unknown variant `a␀b␛"))
    );
    assert!(give_up(&kit, &up, 5).await);
    let whole = NewParkedMessage {
        payload: vec![0, 0xFF, b'a', 0],
        reason: said.into(),
        ..undeliverable(&kit, "bytes")
    };
    // A character that was cut in its middle.
    let cut = NewParkedMessage {
        payload: b"\0text \xE2\x98".to_vec(),
        reason: said.into(),
        ..undeliverable(&kit, "cut")
    };
    kit.store.park_messages(&[whole.clone(), cut.clone()], at(6)).await.expect("parked");
    for id in [up.id, whole.id, cut.id] {
        let parked = kit.store.find_parked(id).await.expect("readable").expect("parked");
        assert_eq!(parked.reason, "unknown variant `a␀b␛[2J<U+202E>␍␊`<U+FEFF>");
    }
    assert_eq!(kit.store.find_payload(whole.id).await.expect("readable"), Some(whole.payload));
    let text = kit.store.find_parked(cut.id).await.expect("readable").expect("parked").payload;
    assert_eq!(text.as_deref(), Some("\0text "));
    let by = Actor::daemon(at(9));
    for id in [whole.id, cut.id] {
        assert!(kit.rules().unpark(id, 1, "message.discarded", &by).await.expect("discarded"));
    }
}

async fn of_each_class_the_newest_are_kept_and_the_others_counted(db: TestStore) {
    let kit = Kit::new(db).await;
    let other = NewParkedMessage {
        class: UndeliverableClass::UnknownVersion,
        ..undeliverable(&kit, "of another class")
    };
    park_message(&kit, &other, 1).await;
    let all: Vec<_> = (0..2_300).map(|number| undeliverable(&kit, &format!("{number}"))).collect();
    for (second, some) in (2..).zip(all.chunks(500)) {
        kit.store.park_messages(some, at(second)).await.expect("parked");
    }
    let figures = kit.store.outbox_figures().await.expect("figures");
    assert_eq!((figures.parked, figures.parked_evicted), (1_001, 1_300));
    let kept = kit.store.list_parked(None, 2_000).await.expect("readable");
    assert!(kept.iter().any(|parked| parked.id == other.id), "a flood displaces its own class alone");
    assert!(
        all[2_000..].iter().all(|undeliverable| kept.iter().any(|parked| parked.id == undeliverable.id)),
        "the newest"
    );
    // One that comes again is new again, and one more than there may be.
    park_message(&kit, &NewParkedMessage { times: 3, ..all[2_299].clone() }, 9).await;
    park_message(&kit, &undeliverable(&kit, "one more"), 10).await;
    let figures = kit.store.outbox_figures().await.expect("figures");
    assert_eq!((figures.parked, figures.parked_evicted), (1_001, 1_301));
    assert_eq!(kit.store.find_parked(all[2_299].id).await.expect("readable").map(|one| one.times), Some(4));
}
