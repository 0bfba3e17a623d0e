//! Who did what: written with the change, read by those who govern.

use super::{Scene, id, refused};
use crate::support::parts::Parts;
use crate::support::people::{join, publish};
use happening_core::wire::{AuditQuery, AuditRecord, ErrorCode, ReassignEvent, Role, UpdateEvent};
use reqwest::Method;
use serde_json::json;

on_both_parts!(
    what_becomes_of_an_event_is_written_down,
    the_audit_log_is_for_those_who_govern,
    from_where_people_join_and_leave_is_theirs,
);

async fn what_becomes_of_an_event_is_written_down(parts: Parts) {
    let scene = Scene::set(parts).await;
    let event = publish(&scene.organizer, 5).await;
    let path = format!("/events/{}", event.id);
    let update = json!({ "name": "Another", "total_slots": 7, "description": "Long", "status": "upcoming" });
    let request = scene.raw.request(Method::PUT, &path).bearer_auth(&scene.admin.token);
    let request = request.header("X-Request-Id", "of-the-update").json(&update).build().expect("a request");
    scene.raw.execute(request).await.ok();
    scene.admin.client.update_event(event.id, &UpdateEvent::default()).await.expect("nothing changes");
    let to_admin = ReassignEvent { new_created_by: id(&scene.admin), requested_by: None };
    scene.admin.client.reassign_event(event.id, &to_admin).await.expect("handed over");
    scene.admin.client.delete_event(event.id).await.expect("deleted");
    let query = AuditQuery { target: Some(event.id.to_string()), ..AuditQuery::default() };
    let found = scene.admin.client.audit_of(scene.organization, &query).await.expect("audit").items;
    let actions: Vec<&str> = found.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["event.deleted", "event.reassigned", "event.updated", "event.created"]);
    let [deleted, reassigned, updated, created] = found.as_slice() else { unreachable!("four entries") };
    assert_eq!(
        (created.actor_id, created.actor_username.as_deref()),
        (scene.organizer.user, Some("organizer"))
    );
    assert_eq!(created.new.as_ref().expect("values")["total_slots"], 5);
    let (old, new) = (updated.old.as_ref().expect("values"), updated.new.as_ref().expect("values"));
    assert_eq!(old, &json!({ "name": event.name, "total_slots": 5, "description": null }));
    assert_eq!(new, &json!({ "name": "Another", "total_slots": 7, "description": "withheld" }));
    assert_eq!(updated.request_id.as_deref(), Some("of-the-update"));
    assert_eq!((updated.actor_id, updated.address.as_deref()), (scene.admin.user, Some("127.0.0.1")));
    assert_eq!(reassigned.new, Some(json!({ "created_by": id(&scene.admin) })));
    assert_eq!(deleted.old, Some(json!({ "name": "Another", "status": "upcoming" })));
    for entry in &found {
        assert_eq!((entry.target.kind.as_str(), entry.organization_id), ("event", Some(scene.organization)));
    }
}

fn of<'a>(records: &'a [AuditRecord], action: &str) -> Vec<&'a AuditRecord> {
    records.iter().filter(|record| record.action == action).collect()
}

async fn the_audit_log_is_for_those_who_govern(parts: Parts) {
    let scene = Scene::set(parts).await;
    let guest = id(&scene.guest);
    for role in [Role::User, Role::Organizer] {
        join(&scene.admin, &scene.guest, scene.organization, role).await;
    }
    scene.admin.client.remove_member(scene.organization, guest).await.expect("removed");
    let all = AuditQuery::default();
    for (person, code) in [
        (&scene.organizer, ErrorCode::Forbidden),
        (&scene.member, ErrorCode::Forbidden),
        (&scene.guest, ErrorCode::NotFound),
    ] {
        refused(person.client.audit_of(scene.organization, &all).await, code);
        refused(person.client.audit(&all).await, ErrorCode::Forbidden);
    }
    refused(scene.admin.client.audit(&all).await, ErrorCode::Forbidden);
    let own = scene.admin.client.audit_of(scene.organization, &all).await.expect("an orgAdmin reads").items;
    let changed = of(&own, "member.role_changed");
    assert_eq!(changed[0].old, Some(json!({ "role": "user" })));
    assert_eq!(changed[0].new, Some(json!({ "role": "organizer" })));
    assert_eq!(of(&own, "member.removed")[0].target.id, guest.to_string());
    assert!(own.iter().all(|entry| entry.organization_id == Some(scene.organization)));
    for staff in [&scene.operator, &scene.support] {
        let seen = staff.client.audit_of(scene.organization, &all).await.expect("staff read").items;
        let without = |records: &[AuditRecord]| -> Vec<_> {
            records.iter().map(|record| AuditRecord { address: None, ..record.clone() }).collect()
        };
        assert_eq!(without(&seen), without(&own));
        assert!(of(&seen, "invite.accepted")[0].address.is_some(), "staff see from where");
        let everything = staff.client.audit(&all).await.expect("staff read").items;
        assert_eq!(of(&everything, "user.signed_up").len(), 6);
    }
    // Page by page it is the same.
    let mut page =
        scene.operator.client.audit(&AuditQuery { limit: Some(4), ..all.clone() }).await.expect("audit");
    let mut paged = page.items.clone();
    while let Some(next) = &page.next {
        page = scene.operator.client.next_page(next).await.expect("a page");
        paged.extend(page.items.clone());
    }
    assert_eq!(paged, scene.operator.client.audit(&all).await.expect("audit").items);
    for bad in ["limit=0", "limit=5001", "before=x", "actor=me"] {
        let answer = scene.raw.get(&format!("/admin/audit?{bad}"), &scene.operator.token).await;
        answer.problem(bad, 400, "validation_failed");
    }
}

async fn from_where_people_join_and_leave_is_theirs(parts: Parts) {
    let scene = Scene::set(parts).await;
    join(&scene.admin, &scene.guest, scene.organization, Role::OrgAdmin).await;
    scene.guest.client.remove_member(scene.organization, id(&scene.guest)).await.expect("left");
    scene.organizer.client.remove_member(scene.organization, id(&scene.organizer)).await.expect("left");
    let all = AuditQuery::default();
    let path = format!("/organizations/{}/audit", scene.organization);
    let read = scene.admin.client.audit_of(scene.organization, &all).await.expect("an orgAdmin reads").items;
    let by_others: Vec<_> = read.iter().filter(|entry| entry.actor_id != scene.admin.user).collect();
    assert!(by_others.iter().any(|entry| entry.action == "member.removed"), "{by_others:?}");
    for entry in &by_others {
        assert_eq!(entry.address, None, "{entry:?}");
    }
    assert!(of(&read, "invite.sent")[0].address.is_some(), "one's own");
    let text = scene.raw.get(&format!("{path}?action=member.removed"), &scene.admin.token).await.text;
    assert!(!text.contains("127.0.0.1"), "{text}");
    let seen = scene.support.client.audit_of(scene.organization, &all).await.expect("staff read").items;
    assert!(of(&seen, "member.removed").iter().all(|entry| entry.address.is_some()), "{seen:?}");
}
