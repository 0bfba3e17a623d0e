//! Scripts: clients of the issuer with a role in an organization.

use super::{Scene, id, refused};
use crate::support::parts::Parts;
use crate::support::people::{client_credentials, publish, subject_of};
use happening_core::client::Client;
use happening_core::id::OrganizationId;
use happening_core::wire::{
    CreateBooking, CreateOrganization, ErrorCode, MapServiceAccount, Role, ServiceAccount, UpdateEvent, User,
    UserKind,
};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;

on_both_parts!(
    a_script_acts_with_the_role_that_it_was_given,
    a_script_that_is_mapped_nowhere_is_nobody,
    an_organization_is_governed_by_people,
    only_scripts_clients_are_mapped_and_by_org_admins_only,
);

/// Gives the script a role: an orgAdmin asks, and the script accepts with its own token.
async fn mapped(admin: &Client, script: &Client, organization: OrganizationId, role: Role) -> ServiceAccount {
    let mapped = admin.map_service_account(organization, &ci(role)).await.expect("mapped");
    if mapped.pending {
        let waiting = script.pending_invites(mapped.user_id).await.expect("a list");
        let invite = waiting.iter().find(|one| one.organization_id == organization).expect("an invite");
        script.accept_invite(invite.id).await.expect("accepted");
    }
    ServiceAccount { pending: false, ..mapped }
}

fn ci(role: Role) -> MapServiceAccount {
    MapServiceAccount { client_id: "happening-ci".to_owned(), role }
}

async fn a_script_acts_with_the_role_that_it_was_given(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (admin, organization) = (&scene.admin.client, scene.organization);
    let event = publish(&scene.organizer, 5).await.id;
    let token = client_credentials(&scene.daemon).await;
    let script = scene.daemon.client(token.clone());
    refused(script.event(event).await, ErrorCode::NotFound);
    let offered = admin.map_service_account(organization, &ci(Role::User)).await.expect("asked");
    assert!(offered.pending, "it has not accepted");
    refused(script.event(event).await, ErrorCode::NotFound);
    assert_eq!(admin.service_accounts(organization).await.expect("a list"), [offered]);
    let mapped = mapped(admin, &script, organization, Role::User).await;
    assert_eq!((mapped.client_id.as_str(), mapped.role), ("happening-ci", Role::User));
    assert_eq!(mapped.username, "service-account-happening-ci");
    let booking = CreateBooking::any(event, 1);
    let booked = script.create_booking(&booking).await.expect("a role counts at once");
    assert_eq!(booked.user_id, mapped.user_id);
    let create = json!({ "org_id": organization, "name": "By CI", "event_date": "2099-01-01T10:00", "total_slots": 5 });
    let publishes = async || scene.raw.send(Method::POST, "/events", &token, create.to_string()).await;
    publishes().await.problem("a user", 403, "forbidden");
    let again = admin.map_service_account(organization, &ci(Role::Organizer)).await.expect("mapped again");
    assert_eq!((again.user_id, again.role, again.pending), (mapped.user_id, Role::Organizer, false));
    let by_script = publishes().await.ok();
    assert_eq!(by_script["created_by"], json!(mapped.user_id));
    assert_eq!(by_script["organizer_username"], "service-account-happening-ci");

    // In a second organization it is the same user with another role.
    let create = CreateOrganization { name: "Second".to_owned(), settings: None };
    let second = scene.guest.client.create_organization(&create).await.expect("founded").id;
    // Nobody else's script is taken without its consent, wherever it acts already.
    let there = scene.guest.client.map_service_account(second, &ci(Role::User)).await.expect("asked");
    assert_eq!((there.user_id, there.role, there.pending), (mapped.user_id, Role::User, true));
    assert_eq!(script.organizations().await.expect("organizations").len(), 1);
    scene.guest.client.unmap_service_account(second, "happening-ci").await.expect("the offer is taken back");
    assert_eq!(script.pending_invites(mapped.user_id).await.expect("a list"), []);
    let there =
        scene.operator.client.map_service_account(second, &ci(Role::User)).await.expect("an operator");
    assert!(!there.pending, "an operator maps at once");
    assert_eq!(script.organizations().await.expect("organizations").len(), 2);
    let subject = subject_of(&token);
    let known = script.user_by_subject(&subject).await.expect("a look").expect("it knows itself");
    assert_eq!((known.id, known.keycloak_id.as_str()), (mapped.user_id, subject.as_str()));
    let roles = |user: User| {
        let told = user.organizations.expect("memberships").into_iter();
        told.map(|one| (one.organization_id, one.role)).collect::<BTreeSet<_>>()
    };
    assert_eq!(roles(known), BTreeSet::from([(organization, Role::Organizer), (second, Role::User)]));
    assert_eq!(admin.user_by_subject(&subject).await.expect("a look"), None, "nobody else looks it up");
    let members = admin.members(organization).await.expect("members");
    let listed = members.iter().find(|member| member.id == mapped.user_id).expect("a member");
    assert_eq!((listed.kind, listed.email.as_str()), (UserKind::Service, ""));
    assert!(members.iter().filter(|member| member.kind == UserKind::Person).count() >= 3);

    admin.unmap_service_account(organization, "happening-ci").await.expect("unmapped");
    refused(script.event(event).await, ErrorCode::NotFound);
    assert_eq!(admin.service_accounts(organization).await.expect("a list"), []);
    assert_eq!(scene.guest.client.service_accounts(second).await.expect("a list").len(), 1);
    // Whether it is mapped elsewhere or nowhere is not to be told.
    let detail = async |client| {
        let error = admin.unmap_service_account(organization, client).await.expect_err("not here");
        assert_eq!(error.code(), Some(ErrorCode::NotFound));
        error.problem().expect("a problem").detail.clone()
    };
    assert_eq!(detail("happening-ci").await, detail("mapped-nowhere").await);
}

async fn a_script_that_is_mapped_nowhere_is_nobody(parts: Parts) {
    let scene = Scene::set(parts).await;
    let token = client_credentials(&scene.daemon).await;
    let script = scene.daemon.client(token.clone());
    assert_eq!(script.organizations().await.expect("a list"), []);
    assert_eq!(script.events(None, None).await.expect("a list"), []);
    refused(script.organization(scene.organization).await, ErrorCode::NotFound);
    let body = json!({ "keycloak_id": subject_of(&token), "email": "ci@example.org" }).to_string();
    let signs_up = async || scene.raw.send(Method::POST, "/users", &token, body.clone()).await;
    signs_up().await.problem("a script signs up", 403, "forbidden");
    assert_eq!(script.user_by_subject(&subject_of(&token)).await.expect("a look"), None);
    // Neither does it once it is mapped, and it founds nothing.
    mapped(&scene.admin.client, &script, scene.organization, Role::OrgAdmin).await;
    signs_up().await.problem("a script signs up", 403, "forbidden");
    let create = CreateOrganization { name: "Robots".to_owned(), settings: None };
    refused(script.create_organization(&create).await, ErrorCode::Forbidden);
}

async fn an_organization_is_governed_by_people(parts: Parts) {
    let scene = Scene::set(parts).await;
    let (admin, organization) = (&scene.admin.client, scene.organization);
    let script = scene.daemon.client(client_credentials(&scene.daemon).await);
    let mapped = mapped(admin, &script, organization, Role::OrgAdmin).await;
    let event = publish(&scene.organizer, 5).await.id;
    let larger = UpdateEvent { total_slots: Some(6), ..UpdateEvent::default() };
    script.update_event(event, &larger).await.expect("an orgAdmin runs every event");
    refused(admin.remove_member(organization, id(&scene.admin)).await, ErrorCode::LastOrgAdmin);
    refused(script.remove_member(organization, id(&scene.admin)).await, ErrorCode::LastOrgAdmin);
    refused(admin.transfer_organization(organization, mapped.user_id).await, ErrorCode::ValidationFailed);
    admin.set_member(organization, mapped.user_id, Role::User).await.expect("a script may step down");
    refused(script.update_event(event, &larger).await, ErrorCode::Forbidden);
}

async fn only_scripts_clients_are_mapped_and_by_org_admins_only(parts: Parts) {
    let scene = Scene::set(parts).await;
    let organization = scene.organization;
    for (person, code) in [
        (&scene.organizer, ErrorCode::Forbidden),
        (&scene.support, ErrorCode::Forbidden),
        (&scene.guest, ErrorCode::NotFound),
    ] {
        refused(person.client.map_service_account(organization, &ci(Role::User)).await, code);
        refused(person.client.unmap_service_account(organization, "happening-ci").await, code);
    }
    refused(scene.member.client.service_accounts(organization).await, ErrorCode::Forbidden);
    assert_eq!(scene.support.client.service_accounts(organization).await.expect("staff read"), []);
    for client_id in
        ["happening-cli", "happening-client", "happening-demo", "happening-server", "", "a b", ".."]
    {
        let map = MapServiceAccount { client_id: client_id.to_owned(), role: Role::User };
        refused(
            scene.admin.client.map_service_account(organization, &map).await,
            ErrorCode::ValidationFailed,
        );
    }
    // A person's token of a mapped client is the person's: the client is not who asks.
    assert_eq!(scene.admin.client.service_accounts(organization).await.expect("a list"), []);
    let odd = MapServiceAccount { client_id: "https://ci.example.org/a?b=c&d".to_owned(), role: Role::User };
    scene.admin.client.map_service_account(organization, &odd).await.expect("mapped");
    scene.admin.client.unmap_service_account(organization, &odd.client_id).await.expect("whatever is in it");
}
