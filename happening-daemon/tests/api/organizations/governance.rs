//! Settings, ownership, deletion; and that an orgAdmin is always left.

use super::{Scene, id, refused};
use crate::support::eventually;
use crate::support::parts::Parts;
use crate::support::people::{book, event_of, publish};
use happening_core::wire::{
    AuditQuery, BookingStatus, CreateOrganization, EraseUser, ErrorCode, InviteKind, NotificationType,
    OrganizationSettings, OrganizationStatus, Role, UpdateOrganization, UserStatus, WaitlistPolicy,
};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

on_both_parts!(
    an_org_admin_changes_name_and_settings,
    everybody_lists_their_own_organizations_and_staff_all,
    an_organization_with_upcoming_events_is_deleted_by_force_only,
    an_organization_with_many_events_is_closed_in_one_request,
    ownership_is_handed_over_to_members,
    of_two_org_admins_who_step_down_in_any_way_one_stays,
    ownership_goes_with_governing,
    whoever_may_not_act_is_no_org_admin_to_leave_behind,
);

async fn an_org_admin_changes_name_and_settings(parts: Parts) {
    let scene = Scene::set(parts).await;
    let settings = OrganizationSettings {
        timezone: Some("Europe/Berlin".to_owned()),
        waitlist_policy: Some(WaitlistPolicy::Whole),
        contact: Some("Ask at the door".to_owned()),
        language: Some("de".to_owned()),
        color: Some("#2f5bd7".to_owned()),
        event_minutes: Some(120),
    };
    let update = UpdateOrganization { name: None, settings: Some(settings.clone().into()) };
    for nobody in [&scene.organizer, &scene.member, &scene.support] {
        refused(nobody.client.update_organization(scene.organization, &update).await, ErrorCode::Forbidden);
    }
    refused(scene.guest.client.update_organization(scene.organization, &update).await, ErrorCode::NotFound);
    let updated = scene.admin.client.update_organization(scene.organization, &update).await.expect("updated");
    assert_eq!((updated.name.as_str(), &updated.settings), ("Demo", &settings));
    assert_eq!((updated.owner_id, updated.status), (scene.admin.user, OrganizationStatus::Active));
    let renamed = UpdateOrganization { name: Some(" The House ".to_owned()), settings: None };
    let updated =
        scene.operator.client.update_organization(scene.organization, &renamed).await.expect("updated");
    assert_eq!((updated.name.as_str(), &updated.settings), ("The House", &settings));

    // What is decided counts for the next event.
    let create = event_of(scene.organization, "Evening".to_owned(), 5);
    let event = scene.organizer.client.create_event(&create).await.expect("an event");
    assert_eq!(event.event_date.to_rfc3339(), "2099-12-01T18:00:00+00:00");
    assert_eq!(event.waitlist_policy, WaitlistPolicy::Whole);

    let path = format!("/organizations/{}", scene.organization);
    for bad in [
        json!({ "settings": { "timezone": "Mars/Olympus" } }),
        json!({ "settings": { "waitlist_policy": "fair" } }),
        json!({ "settings": { "contact": "x".repeat(256) } }),
        json!({ "settings": { "colour": "red" } }),
        json!({ "settings": { "color": "red" } }),
        json!({ "settings": { "color": "#12345g" } }),
        json!({ "settings": { "language": "../de" } }),
        json!({ "settings": { "event_minutes": 0 } }),
        json!({ "settings": { "event_minutes": 44_641 } }),
        json!({ "name": " " }),
        json!({ "name": "x".repeat(256) }),
        json!({ "owner_id": id(&scene.admin) }),
    ] {
        let answer = scene.raw.send(Method::PUT, &path, &scene.admin.token, bad.to_string()).await;
        answer.problem(&bad.to_string(), 400, "validation_failed");
    }
    let after = scene.admin.client.organization(scene.organization).await.expect("readable");
    assert_eq!(
        (after.name.as_str(), after.settings),
        ("The House", settings),
        "nothing is lost by bad input"
    );
}

async fn everybody_lists_their_own_organizations_and_staff_all(parts: Parts) {
    let scene = Scene::set(parts).await;
    let create = CreateOrganization { name: "Second".to_owned(), settings: None };
    let second = scene.guest.client.create_organization(&create).await.expect("founded");
    let listed = async |person: &super::Signed| {
        let listed = person.client.organizations().await.expect("organizations");
        listed.into_iter().map(|organization| organization.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(&scene.member).await, [scene.organization]);
    assert_eq!(listed(&scene.guest).await, [second.id]);
    for staff in [&scene.operator, &scene.support] {
        assert_eq!(listed(staff).await, [scene.organization, second.id]);
    }
}

async fn an_organization_with_upcoming_events_is_deleted_by_force_only(parts: Parts) {
    let scene = Scene::set(parts).await;
    let event = publish(&scene.organizer, 5).await;
    let booking = book(&scene.member, event.id, 2).await;
    let delete = async |person: &super::Signed, force| {
        person.client.delete_organization(scene.organization, force).await
    };
    refused(delete(&scene.organizer, true).await, ErrorCode::Forbidden);
    refused(delete(&scene.guest, true).await, ErrorCode::NotFound);
    let kept = delete(&scene.admin, false).await.expect_err("events are to take place");
    assert_eq!(kept.code(), Some(ErrorCode::UpcomingEvents));
    // Two of the demo, and this one.
    assert_eq!(kept.problem().expect("a problem").members["upcoming_events"], 3);
    assert_eq!(scene.admin.client.event(event.id).await.expect("still there").available_slots, 3);

    assert!(delete(&scene.admin, true).await.expect("deleted").ok);
    for person in [&scene.admin, &scene.organizer, &scene.member, &scene.guest] {
        refused(person.client.organization(scene.organization).await, ErrorCode::NotFound);
        refused(person.client.event(event.id).await, ErrorCode::NotFound);
        refused(person.client.members(scene.organization).await, ErrorCode::NotFound);
    }
    assert_eq!(scene.member.client.organizations_of(id(&scene.member)).await.expect("a list"), []);
    let notified = async || {
        let told = scene.member.client.notifications_of(id(&scene.member)).await.expect("notifications");
        told.into_iter().find(|told| told.kind == NotificationType::EventUpdated)
    };
    eventually("they are notified", Duration::from_secs(30), async || notified().await.is_some()).await;
    let told = notified().await.expect("notified");
    assert!(told.message.ends_with("will not take place."), "{}", told.message);
    let kept = scene.member.client.booking(booking.id).await.expect("bookings stay");
    assert_eq!((kept.status, kept.seats), (BookingStatus::Confirmed, 2));
    let seen = scene.support.client.organization(scene.organization).await.expect("staff still see it");
    assert!(seen.deleted_at.is_some());
    let audit =
        scene.operator.client.audit_of(scene.organization, &AuditQuery::default()).await.expect("audit");
    assert_eq!(audit.items[0].action, "organization.deleted");
    assert_eq!(audit.items.iter().filter(|entry| entry.action == "event.deleted").count(), 3);
    // Nobody changes it any more.
    refused(delete(&scene.operator, false).await, ErrorCode::NotFound);
    let status = OrganizationStatus::Suspended;
    refused(
        scene.operator.client.set_organization_status(scene.organization, status).await,
        ErrorCode::NotFound,
    );
}

async fn ownership_is_handed_over_to_members(parts: Parts) {
    let scene = Scene::set(parts).await;
    let give = async |person: &super::Signed, heir: &super::Signed| {
        person.client.transfer_organization(scene.organization, id(heir)).await
    };
    refused(give(&scene.organizer, &scene.organizer).await, ErrorCode::Forbidden);
    refused(give(&scene.guest, &scene.guest).await, ErrorCode::NotFound);
    refused(give(&scene.admin, &scene.guest).await, ErrorCode::ValidationFailed);
    let offered = give(&scene.admin, &scene.member).await.expect("offered");
    assert_eq!(offered.organization.owner_id, scene.admin.user, "until they accept");
    let offer = offered.offer.expect("an offer");
    assert_eq!((offer.kind, offer.user_id), (InviteKind::Ownership, scene.member.user));
    let again = give(&scene.admin, &scene.member).await.expect("offered before").offer.expect("an offer");
    assert_eq!((again.id, again.token), (offer.id, None), "it is one offer");
    refused(scene.organizer.client.accept_invite(offer.id).await, ErrorCode::NotFound);
    scene.member.client.accept_invite(offer.id).await.expect("accepted");
    let given = scene.member.client.organization(scene.organization).await.expect("theirs");
    assert_eq!((given.owner_id, given.owner_username.as_deref()), (scene.member.user, Some("member")));
    let shown = scene.organizer.client.organizations_of(id(&scene.organizer)).await.expect("a list");
    assert_eq!(shown[0].owner_username.as_deref(), Some("member"), "the page's column follows");
    let members = scene.admin.client.members(scene.organization).await.expect("members");
    let role = |person: &super::Signed| {
        members.iter().find(|member| Some(member.id) == person.user).map(|member| member.role)
    };
    assert_eq!((role(&scene.member), role(&scene.admin)), (Some(Role::OrgAdmin), Some(Role::OrgAdmin)));
    // It counts at once: the new owner governs, the old one no longer owns.
    refused(give(&scene.admin, &scene.admin).await, ErrorCode::Forbidden);
    let offer = give(&scene.member, &scene.organizer).await.expect("offered on").offer.expect("an offer");
    scene.organizer.client.reject_invite(offer.id).await.expect("declined");
    let owner = async || scene.admin.client.organization(scene.organization).await.expect("there").owner_id;
    assert_eq!(owner().await, scene.member.user);
    assert_eq!(give(&scene.operator, &scene.admin).await.expect("an operator may").offer, None);
    assert_eq!(owner().await, scene.admin.user);
    let nobody = json!({ "user_id": "nobody" }).to_string();
    let path = format!("/organizations/{}/transfer", scene.organization);
    scene.raw.send(Method::POST, &path, &scene.admin.token, nobody).await.problem(
        "no id",
        400,
        "validation_failed",
    );
}

/// Leaving, stepping down and giving away, at once and many times: whoever wins, a person governs.
async fn of_two_org_admins_who_step_down_in_any_way_one_stays(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (admin, organizer) = (&scene.admin, &scene.organizer);
    let (first, second) = (id(admin), id(organizer));
    for round in 0..6 {
        for user in [first, second] {
            let set = scene.operator.client.set_member(scene.organization, user, Role::OrgAdmin).await;
            set.expect("an orgAdmin again");
        }
        scene
            .operator
            .client
            .transfer_organization(scene.organization, first)
            .await
            .expect("the owner again");
        let organization = scene.organization;
        let leave = async {
            if round % 2 == 0 {
                admin.client.remove_member(organization, first).await.map(drop)
            } else {
                admin.client.set_member(organization, first, Role::User).await.map(drop)
            }
        };
        let step_down = organizer.client.set_member(organization, second, Role::Organizer);
        let give = scene.operator.client.transfer_organization(organization, second);
        let (left, stepped, _) = tokio::join!(leave, step_down, give);
        for error in [left.as_ref().err(), stepped.as_ref().err()].into_iter().flatten() {
            assert_eq!(error.code(), Some(ErrorCode::LastOrgAdmin), "{error}");
        }
        let members = scene.operator.client.members(organization).await.expect("members");
        let admins = members.iter().filter(|member| member.role == Role::OrgAdmin).count();
        assert!(admins >= 1, "round {round}: {left:?} {stepped:?}");
    }
}

async fn ownership_goes_with_governing(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (admin, organizer, member) = (&scene.admin, &scene.organizer, &scene.member);
    let organization = scene.organization;
    let owner =
        async || scene.operator.client.organization(organization).await.expect("an organization").owner_id;
    for heir in [organizer, member] {
        admin.client.set_member(organization, id(heir), Role::OrgAdmin).await.expect("another one");
    }
    assert_eq!(owner().await, admin.user);
    organizer.client.set_member(organization, id(admin), Role::User).await.expect("demoted");
    let heir = owner().await;
    assert_ne!(heir, admin.user);
    refused(admin.client.transfer_organization(organization, id(admin)).await, ErrorCode::Forbidden);
    let query = AuditQuery { action: Some("organization.transferred".to_owned()), ..AuditQuery::default() };
    let log = organizer.client.audit_of(organization, &query).await.expect("audit").items;
    assert_eq!(log[0].actor_id, organizer.user, "by who demoted");
    assert_eq!(log[0].old, Some(json!({ "owner": admin.user })));

    // Whoever has it now goes, and then the last but one is erased.
    let (heir, rest) = if heir == organizer.user { (organizer, member) } else { (member, organizer) };
    heir.client.remove_member(organization, id(heir)).await.expect("left");
    assert_eq!(owner().await, rest.user);
    rest.client.set_member(organization, id(admin), Role::OrgAdmin).await.expect("an orgAdmin again");
    rest.client.erase_user(id(rest), EraseUser { keycloak_account: false }).await.expect("erased");
    assert_eq!(owner().await, admin.user);
    admin.client.transfer_organization(organization, id(admin)).await.expect("theirs to give");
}

async fn whoever_may_not_act_is_no_org_admin_to_leave_behind(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (admin, organizer, organization) = (&scene.admin, &scene.organizer, scene.organization);
    admin.client.set_member(organization, id(organizer), Role::OrgAdmin).await.expect("another one");
    let set = async |person: &super::Signed, status| {
        scene.operator.client.set_user_status(id(person), status).await.expect("a status")
    };
    set(organizer, UserStatus::Suspended).await;
    refused(admin.client.remove_member(organization, id(admin)).await, ErrorCode::LastOrgAdmin);
    refused(admin.client.set_member(organization, id(admin), Role::User).await, ErrorCode::LastOrgAdmin);
    let erase = EraseUser { keycloak_account: false };
    refused(admin.client.erase_user(id(admin), erase).await, ErrorCode::LastOrgAdmin);
    let last = set(admin, UserStatus::Suspended).await;
    assert_eq!(last.status, UserStatus::Suspended, "an operator suspends whom they must");
    for person in [admin, organizer] {
        set(person, UserStatus::Active).await;
    }
    admin.client.remove_member(organization, id(admin)).await.expect("the other one governs");
}

/// More events than are deleted at once, some of them booked.
async fn an_organization_with_many_events_is_closed_in_one_request(parts: Parts) {
    let scene = Scene::set(parts).await;
    let mut booked = Vec::new();
    for index in 0..100 {
        let event = publish(&scene.organizer, 5).await;
        if index % 10 == 0 {
            book(&scene.member, event.id, 1).await;
            booked.push(event.id);
        }
    }
    let delete = |force| scene.admin.client.delete_organization(scene.organization, force);
    let kept = delete(false).await.expect_err("events are to take place");
    assert_eq!(kept.problem().expect("a problem").members["upcoming_events"], 102);
    assert!(delete(true).await.expect("closed").ok);
    let told = async || {
        let told = scene.member.client.notifications_of(id(&scene.member)).await.expect("notifications");
        let told = told.into_iter().filter(|told| told.kind == NotificationType::EventUpdated);
        told.filter_map(|told| told.event_id).collect::<Vec<_>>()
    };
    eventually("they are notified", Duration::from_secs(30), async || told().await.len() >= booked.len())
        .await;
    let mut told = told().await;
    told.sort_unstable();
    booked.sort_unstable();
    assert_eq!(told, booked, "each who booked is told once");
    refused(scene.member.client.event(booked[0]).await, ErrorCode::NotFound);
}
