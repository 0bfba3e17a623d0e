//! Who did what to what.

use super::kit::{Kit, at, by, terms};
use crate::store::{Actor, AuditEntry, AuditRow};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::{Amendment, Command};
use happening_core::wire::{AuditQuery, AuditRecord, AuditTarget, Role};
use serde_json::json;

on_every_store!(
    an_entry_reads_back_as_it_was_written,
    entries_are_found_newest_first_and_by_what_is_asked,
    a_commit_writes_the_entries_of_its_events_and_of_no_other,
    nothing_is_ever_changed_or_deleted,
);

async fn list(kit: &Kit, query: AuditQuery) -> Vec<AuditRecord> {
    kit.store.list_audit(Some(kit.organization), &query).await.expect("readable")
}

async fn an_entry_reads_back_as_it_was_written(db: TestStore) {
    let kit = Kit::new(db).await;
    let user = kit.person("ada").await;
    let by = Actor {
        user: Some(kit.organizer),
        address: Some("192.0.2.7".parse().expect("an address")),
        request_id: Some("r-1".to_owned()),
        now: at(5),
    };
    assert!(kit.set_member(kit.organization, user, Role::User, &by).await.expect("set"));
    assert!(kit.set_member(kit.organization, user, Role::Organizer, &by).await.expect("set"));
    let found = list(&kit, AuditQuery::default()).await;
    let expected = AuditRecord {
        id: found[0].id,
        at: at(5),
        actor_id: Some(kit.organizer),
        actor_username: Some("olga".to_owned()),
        action: "member.role_changed".to_owned(),
        organization_id: Some(kit.organization),
        target: AuditTarget { kind: "user".to_owned(), id: user.to_string() },
        address: Some("192.0.2.7".to_owned()),
        request_id: Some("r-1".to_owned()),
        old: Some(json!({ "role": "user" })),
        new: Some(json!({ "role": "organizer" })),
    };
    assert_eq!(found[0], expected);
    assert_eq!((found[1].action.as_str(), &found[1].old), ("member.added", &None));
}

async fn entries_are_found_newest_first_and_by_what_is_asked(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bo) = (kit.person("ada").await, kit.person("bo").await);
    for (user, seconds) in [(ada, 2), (bo, 3), (ada, 4)] {
        let by = Actor { user: Some(user), ..by(at(seconds)) };
        let role = if seconds == 4 { Role::Organizer } else { Role::User };
        assert!(kit.set_member(kit.organization, user, role, &by).await.expect("set"));
    }
    let actions = async |query| list(&kit, query).await.into_iter().map(|one| one.action).collect::<Vec<_>>();
    let all = ["member.role_changed", "member.added", "member.added", "organization.founded"];
    assert_eq!(actions(AuditQuery::default()).await, all);
    let by_action = AuditQuery { action: Some("member.added".to_owned()), ..AuditQuery::default() };
    assert_eq!(actions(by_action).await.len(), 2);
    let by_actor = AuditQuery { actor: Some(ada), ..AuditQuery::default() };
    assert_eq!(actions(by_actor).await, ["member.role_changed", "member.added"]);
    let by_target = AuditQuery { target: Some(bo.to_string()), ..AuditQuery::default() };
    assert_eq!(actions(by_target).await, ["member.added"]);
    // Page by page.
    let mut query = AuditQuery { limit: Some(3), ..AuditQuery::default() };
    let first = list(&kit, query.clone()).await;
    query.before = first.last().map(|last| last.id);
    assert_eq!(first.len(), 3);
    assert_eq!(actions(query).await, all[3..]);
    let nul = AuditQuery { action: Some("a\0".to_owned()), ..AuditQuery::default() };
    assert_eq!(actions(nul).await, Vec::<String>::new());
    let elsewhere = kit.store.list_audit(Some(kit.ids.organization()), &AuditQuery::default()).await;
    assert_eq!(elsewhere.expect("readable"), []);
    let everywhere = kit.store.list_audit(None, &AuditQuery::default()).await.expect("readable");
    assert_eq!(everywhere.len(), 7, "three sign-ups too");
}

async fn a_commit_writes_the_entries_of_its_events_and_of_no_other(db: TestStore) {
    let kit = Kit::new(db).await;
    let (mut event, mut moved_on) = (kit.event(terms(5)).await, kit.event(terms(5)).await);
    moved_on.ask(&Command::Amend(Amendment::default()));
    let mut batch = kit.batch(9);
    moved_on.draft(&mut batch);
    kit.store.commit(&batch).await.expect("a commit");
    event.ask(&Command::Amend(Amendment::default()));
    let mut batch = kit.batch(9);
    for one in [&event, &moved_on] {
        one.draft(&mut batch);
        batch.audit.push(AuditRow {
            event: one.id,
            by: Actor { user: Some(kit.organizer), request_id: Some("r-2".to_owned()), ..by(at(8)) },
            entry: AuditEntry {
                action: "event.updated",
                organization: Some(kit.organization),
                target: ("event", one.id.to_string()),
                old: None,
                new: Some(json!({ "name": "\"Ü\" ☂" })),
            },
        });
    }
    batch.events.sort_by_key(|row| row.id);
    assert_eq!(kit.store.commit(&batch).await.expect("a commit"), [event.id]);
    let query = AuditQuery { action: Some("event.updated".to_owned()), ..AuditQuery::default() };
    let found = list(&kit, query).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].target.id.as_str(), found[0].at), (event.id.to_string().as_str(), at(9)));
    assert_eq!((&found[0].old, &found[0].new), (&None, &Some(json!({ "name": "\"Ü\" ☂" }))));
    assert_eq!((found[0].actor_id, found[0].request_id.as_deref()), (Some(kit.organizer), Some("r-2")));
    let created = AuditQuery { action: Some("event.created".to_owned()), ..AuditQuery::default() };
    assert_eq!(list(&kit, created).await.len(), 2, "publishing is told in its own transaction");
}

async fn nothing_is_ever_changed_or_deleted(db: TestStore) {
    let kit = Kit::new(db).await;
    let before = list(&kit, AuditQuery::default()).await;
    assert!(!before.is_empty());
    for statement in [
        "UPDATE audit_log SET action = 'nothing'",
        "UPDATE audit_log SET actor_id = NULL WHERE id = 1",
        "DELETE FROM audit_log",
        "DELETE FROM audit_log WHERE id = 1",
    ] {
        let refused = kit.db.execute(statement).await.expect_err("refused");
        assert!(refused.to_string().contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(list(&kit, AuditQuery::default()).await, before);
}
