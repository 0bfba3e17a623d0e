//! Clients of the issuer that act by themselves.

use super::valid_client;
use crate::service::Error;
use crate::store::contract::kit::{Kit, at, by, new_user};
use crate::store::{Constraint, MemberFilter, NewServiceAccount, NewUser};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{OrganizationSettings, Role, UserKind};

on_every_store!(
    a_client_is_one_user_with_a_role_in_each_organization,
    a_client_is_recognized_by_its_first_token_and_by_its_next_self,
    a_client_is_no_person,
    a_username_that_a_person_has_is_refused,
    a_client_that_is_mapped_twice_at_once_is_one_user,
    keycloak_hears_nothing_of_service_accounts,
);

async fn map(kit: &Kit, organization: OrganizationId, client: &str, role: Role) -> Result<UserId, Error> {
    let username = format!("service-account-{client}");
    let account = NewServiceAccount { client_id: client, user: kit.ids.user(), username: &username };
    kit.client(organization, account, role, 2).await
}

async fn second_organization(kit: &Kit) -> OrganizationId {
    let id = kit.ids.organization();
    let settings = OrganizationSettings::default();
    kit.rules().create_organization(id, "Second", &settings, kit.organizer, &by(at(1))).await.expect("made");
    id
}

async fn a_client_is_one_user_with_a_role_in_each_organization(db: TestStore) {
    let kit = Kit::new(db).await;
    let second = second_organization(&kit).await;
    let user = map(&kit, kit.organization, "robot", Role::Organizer).await.expect("mapped");
    assert_eq!(map(&kit, second, "robot", Role::User).await.expect("mapped"), user);
    assert_eq!(map(&kit, second, "robot", Role::User).await.expect("mapped"), user, "twice is harmless");
    map(&kit, second, "android", Role::User).await.expect("mapped");
    let roles = async |organization| {
        let found = kit.store.list_service_accounts(organization).await.expect("readable");
        found
            .into_iter()
            .map(|account| (account.client_id, account.role, account.joined_at))
            .collect::<Vec<_>>()
    };
    assert_eq!(roles(kit.organization).await, [("robot".to_owned(), Role::Organizer, at(2))]);
    let in_second = [("android".to_owned(), Role::User, at(2)), ("robot".to_owned(), Role::User, at(2))];
    assert_eq!(roles(second).await, in_second, "by client");
    let found = kit.store.find_service_account("robot").await.expect("readable").expect("a user");
    assert_eq!(
        (found.id, found.username.as_str(), found.email.as_str()),
        (user, "service-account-robot", "")
    );
    assert_eq!(kit.store.list_memberships(user).await.expect("readable").len(), 2);
    assert!(kit.remove_member(second, user, &by(at(3))).await.expect("removed"));
    assert_eq!(roles(second).await.len(), 1);
    let members = kit.store.list_members(kit.organization, &MemberFilter::default()).await.expect("readable");
    let kinds: Vec<_> = members.iter().map(|member| (member.username.as_str(), member.kind)).collect();
    assert_eq!(kinds, [("olga", UserKind::Person), ("service-account-robot", UserKind::Service)]);
    assert_eq!(kit.store.find_service_account("nobody").await.expect("readable"), None);
    assert_eq!(kit.store.find_service_account("ro\0bot").await.expect("readable"), None);
}

async fn a_client_is_recognized_by_its_first_token_and_by_its_next_self(db: TestStore) {
    let kit = Kit::new(db).await;
    let user = map(&kit, kit.organization, "robot", Role::User).await.expect("mapped");
    for subject in ["sub-1", "sub-1", "sub-2"] {
        kit.rules().recognize_service_account(user, "robot", subject, &by(at(3))).await.expect("recognized");
        let found = kit.store.find_service_account("robot").await.expect("readable").expect("a user");
        assert_eq!(found.keycloak_id, subject);
    }
    let log =
        kit.db.texts("SELECT action FROM audit_log WHERE action LIKE 'service_account.%' ORDER BY id").await;
    let (made, seen) = ("service_account.created", "service_account.recognized");
    assert_eq!(log, [made, seen, seen], "the same again is no news");
    let known = kit.rules().recognize_service_account(user, "robot", "sub-olga", &by(at(4))).await;
    assert!(
        matches!(known, Err(Error { conflict: Some(Constraint::UserSubject), .. })),
        "a person has it: {known:?}"
    );
    kit.rules().recognize_service_account(kit.organizer, "robot", "sub-3", &by(at(4))).await.expect("asked");
    let person = kit.store.find_user(kit.organizer).await.expect("readable").expect("a user");
    assert_eq!(person.keycloak_id, "sub-olga", "a person's stays");
}

async fn a_client_is_no_person(db: TestStore) {
    let kit = Kit::new(db).await;
    let user = map(&kit, kit.organization, "robot", Role::User).await.expect("mapped");
    let unseen = kit.store.find_service_account("robot").await.expect("readable").expect("a user");
    kit.rules().recognize_service_account(user, "robot", "sub-robot", &by(at(3))).await.expect("recognized");
    for subject in [unseen.keycloak_id.as_str(), "sub-robot"] {
        let found = kit.store.find_user_by_subject(subject).await.expect("readable");
        assert_eq!(found, None, "a person's token never leads to a service account");
    }
}

async fn a_username_that_a_person_has_is_refused(db: TestStore) {
    let kit = Kit::new(db).await;
    let namesake = NewUser { subject: "x".to_owned(), ..new_user(kit.ids.user(), "service-account-robot") };
    kit.rules().create_user(&namesake, None, &by(at(1))).await.expect("a user");
    let refused = map(&kit, kit.organization, "robot", Role::User).await;
    assert!(matches!(refused, Err(Error { conflict: Some(Constraint::Username), .. })), "{refused:?}");
    assert_eq!(
        kit.store.find_service_account("robot").await.expect("readable"),
        None,
        "nothing is left of it"
    );
}

async fn a_client_that_is_mapped_twice_at_once_is_one_user(db: TestStore) {
    let kit = Kit::new(db).await;
    let second = second_organization(&kit).await;
    for round in 0..6 {
        let client = format!("robot{round}");
        let (one, two) = tokio::join!(
            map(&kit, kit.organization, &client, Role::User),
            map(&kit, second, &client, Role::User)
        );
        match (one, two) {
            (Ok(one), Ok(two)) => assert_eq!(one, two),
            (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => assert!(
                matches!(
                    lost,
                    Error { conflict: Some(Constraint::Username | Constraint::ServiceAccount), .. }
                ),
                "{lost:?}"
            ),
            both => panic!("{both:?}"),
        }
    }
}

async fn keycloak_hears_nothing_of_service_accounts(db: TestStore) {
    let kit = Kit::new(db).await;
    kit.db.execute("DELETE FROM keycloak_tasks").await.expect("no tasks");
    let user = map(&kit, kit.organization, "robot", Role::User).await.expect("mapped");
    assert!(kit.set_member(kit.organization, user, Role::Organizer, &by(at(3))).await.expect("set"));
    assert!(kit.remove_member(kit.organization, user, &by(at(4))).await.expect("removed"));
    assert_eq!(kit.db.texts("SELECT key FROM keycloak_tasks").await, Vec::<String>::new());
}

#[test]
fn clients_of_happening_itself_are_nobodys_scripts() {
    for own in ["happening-client", "happening-cli", "happening-demo", "Happening-CLI", "happening-server"] {
        assert!(valid_client(own, "happening-server").is_err(), "{own}");
    }
    for strange in ["", " ", "a b", "a\0", "ä", ".", "..", &"x".repeat(256)] {
        assert!(valid_client(strange, "happening-server").is_err(), "{strange}");
    }
    for fine in ["happening-ci", "https://ci.example.org/x?y", &"x".repeat(255)] {
        assert!(valid_client(fine, "happening-server").is_ok(), "{fine}");
    }
}
