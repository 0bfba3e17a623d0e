//! What every directory does. Each rule makes what it needs and takes it away again: the realm is everybody's.

use super::KeycloakDirectory;
use super::{Addition, Directory, DirectoryError, DirectoryOrganization, DirectorySettings, HAPPENING_ID};
use crate::ids::Ids;
use crate::testing::address;
use happening_core::id::OrganizationId;
use serde_json::{Map, json};
use std::collections::BTreeMap;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

/// Someone of the development realm.
const ADA: &str = "00000000-0000-4000-8000-000000000003";
const OTTO: &str = "00000000-0000-4000-8000-000000000004";

/// Makes of each rule, an `async fn(&dyn Directory)`, a test on Keycloak.
macro_rules! on_every_directory {
    ($($rule:ident),+ $(,)?) => {
        mod keycloak {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(&super::keycloak(|_| {})).await;
            })+
        }
    };
}

on_every_directory!(
    it_answers_and_permits,
    an_organization_reads_back_as_made,
    an_organization_is_found_by_ours_among_many,
    a_taken_name_or_alias_is_a_conflict,
    what_is_not_known_here_is_kept,
    an_organization_is_deleted_twice,
    a_member_is_added_and_removed_twice,
    a_member_needs_an_account_and_an_organization,
    makers_at_once_make_one,
    accounts_are_found_or_not,
);

fn keycloak(change: impl FnOnce(&mut DirectorySettings)) -> KeycloakDirectory {
    let mut settings = DirectorySettings {
        server: address("KEYCLOAK_SERVER_URL"),
        realm: address("KEYCLOAK_REALM"),
        client: address("KEYCLOAK_CLIENT_ID"),
        secret: address("KEYCLOAK_CLIENT_SECRET"),
    };
    change(&mut settings);
    KeycloakDirectory::new(&settings).expect("an address")
}

fn fresh() -> (OrganizationId, DirectoryOrganization) {
    let ours = Ids::default().organization();
    let organization = DirectoryOrganization {
        id: String::new(),
        name: format!("Größe / {ours} & Co"),
        alias: Some(format!("test-{ours}")),
        enabled: true,
        attributes: BTreeMap::from([
            (HAPPENING_ID.to_owned(), vec![ours.to_string()]),
            ("letters".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
        ]),
        rest: Map::new(),
    };
    (ours, organization)
}

async fn made(directory: &dyn Directory) -> (OrganizationId, DirectoryOrganization) {
    let (ours, mut organization) = fresh();
    organization.id = directory.create_organization(&organization).await.expect("made");
    (ours, organization)
}

/// As it is there, lists in order: the directory keeps none.
async fn there(directory: &dyn Directory, id: &str) -> DirectoryOrganization {
    let mut found = directory.find_organization(id).await.expect("an answer").expect("an organization");
    found.attributes.values_mut().for_each(|values| values.sort());
    found
}

async fn it_answers_and_permits(directory: &dyn Directory) {
    directory.check().await.expect("both roles");
}

async fn an_organization_reads_back_as_made(directory: &dyn Directory) {
    let (ours, organization) = made(directory).await;
    assert_eq!(there(directory, &organization.id).await, organization);
    let changed = DirectoryOrganization {
        name: format!("Renamed {ours}"),
        enabled: false,
        attributes: BTreeMap::from([(HAPPENING_ID.to_owned(), vec![ours.to_string()])]),
        ..organization.clone()
    };
    directory.update_organization(&changed).await.expect("changed");
    assert_eq!(there(directory, &organization.id).await, changed);
    directory.delete_organization(&organization.id).await.expect("deleted");
}

async fn an_organization_is_found_by_ours_among_many(directory: &dyn Directory) {
    let mut many = Vec::new();
    for _ in 0..12 {
        many.push(made(directory).await);
    }
    for (ours, organization) in &many {
        let found = directory.find_organization_of(*ours).await.expect("an answer").expect("found");
        assert_eq!(found.id, organization.id);
        assert_eq!(found.attributes[HAPPENING_ID], [ours.to_string()], "with its attributes");
    }
    let nobody = directory.find_organization_of(Ids::default().organization()).await.expect("an answer");
    assert_eq!(nobody, None);
    for (_, organization) in many {
        directory.delete_organization(&organization.id).await.expect("deleted");
    }
}

async fn a_taken_name_or_alias_is_a_conflict(directory: &dyn Directory) {
    let (_, first) = made(directory).await;
    let (_, mut second) = fresh();
    second.name.clone_from(&first.name);
    let refused = directory.create_organization(&second).await;
    assert!(matches!(refused, Err(DirectoryError::Conflict(_))), "the name: {refused:?}");
    let (_, mut second) = fresh();
    second.alias.clone_from(&first.alias);
    let refused = directory.create_organization(&second).await;
    assert!(matches!(refused, Err(DirectoryError::Conflict(_))), "the alias: {refused:?}");
    let (_, second) = made(directory).await;
    let renamed = DirectoryOrganization { name: first.name.clone(), ..second.clone() };
    let refused = directory.update_organization(&renamed).await;
    assert!(matches!(refused, Err(DirectoryError::Conflict(_))), "a new name: {refused:?}");
    for id in [first.id, second.id] {
        directory.delete_organization(&id).await.expect("deleted");
    }
}

async fn what_is_not_known_here_is_kept(directory: &dyn Directory) {
    let (ours, mut organization) = fresh();
    let domains = json!([{ "name": format!("{ours}.example"), "verified": false }]);
    organization.rest.insert("domains".to_owned(), domains.clone());
    organization.rest.insert("description".to_owned(), "Ours".into());
    let id = directory.create_organization(&organization).await.expect("made");
    let mut found = there(directory, &id).await;
    found.name = format!("Renamed {ours}");
    directory.update_organization(&found).await.expect("changed");
    let found = there(directory, &id).await;
    assert_eq!((&found.rest["domains"], &found.rest["description"]), (&domains, &json!("Ours")));
    directory.delete_organization(&id).await.expect("deleted");
}

async fn an_organization_is_deleted_twice(directory: &dyn Directory) {
    let (ours, organization) = made(directory).await;
    for _ in 0..2 {
        directory.delete_organization(&organization.id).await.expect("deleted");
        assert_eq!(directory.find_organization(&organization.id).await.expect("an answer"), None);
        assert_eq!(directory.find_organization_of(ours).await.expect("an answer"), None);
    }
}

async fn a_member_is_added_and_removed_twice(directory: &dyn Directory) {
    let (_, organization) = made(directory).await;
    for _ in 0..2 {
        let added = directory.add_member(&organization.id, ADA).await.expect("an answer");
        assert_eq!(added, Addition::Member);
    }
    for _ in 0..2 {
        directory.remove_member(&organization.id, ADA).await.expect("removed");
    }
    directory.delete_organization(&organization.id).await.expect("deleted");
}

async fn a_member_needs_an_account_and_an_organization(directory: &dyn Directory) {
    let (_, organization) = made(directory).await;
    let nobody = Ids::default().uuid().to_string();
    let added = directory.add_member(&organization.id, &nobody).await.expect("an answer");
    assert_eq!(added, Addition::Nowhere);
    directory.remove_member(&organization.id, "../not a/sub?").await.expect("nobody there");
    directory.delete_organization(&organization.id).await.expect("deleted");
    let added = directory.add_member(&organization.id, ADA).await.expect("an answer");
    assert_eq!(added, Addition::Nowhere);
    directory.remove_member(&organization.id, ADA).await.expect("nowhere to be removed from");
}

async fn makers_at_once_make_one(directory: &dyn Directory) {
    let (ours, organization) = fresh();
    let makers = (0..6).map(|_| directory.create_organization(&organization));
    let made = futures::future::join_all(makers).await;
    let ids: Vec<&String> = made.iter().filter_map(|made| made.as_ref().ok()).collect();
    assert_eq!(ids.len(), 1, "{made:?}");
    let members = (0..6).map(|_| directory.add_member(ids[0], OTTO));
    for added in futures::future::join_all(members).await {
        assert_eq!(added.expect("an answer"), Addition::Member);
    }
    let found = directory.find_organization_of(ours).await.expect("an answer").expect("found");
    assert_eq!(&found.id, ids[0]);
    directory.delete_organization(ids[0]).await.expect("deleted");
}

async fn accounts_are_found_or_not(directory: &dyn Directory) {
    let found = directory.find_account(ADA).await.expect("an answer").expect("an account");
    assert!(found.enabled);
    for nobody in [Ids::default().uuid().to_string(), "../not a/sub?".to_owned()] {
        assert_eq!(directory.find_account(&nobody).await.expect("an answer"), None);
        directory.delete_account(&nobody).await.expect("nobody to delete");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_named() {
    let directory = keycloak(|settings| "wrong".clone_into(&mut settings.secret));
    let refused = directory.check().await.expect_err("a wrong secret");
    assert!(matches!(refused, DirectoryError::SignIn(_)), "{refused:?}");
    assert!(refused.to_string().contains("KEYCLOAK_CLIENT_SECRET"), "{refused}");
    assert!(!refused.to_string().contains("wrong"), "{refused}");
}

#[tokio::test]
async fn a_missing_role_is_named() {
    // A service account of the development realm that may administer nothing.
    let directory = keycloak(|settings| {
        "happening-ci".clone_into(&mut settings.client);
        "happening-ci-dev-secret".clone_into(&mut settings.secret);
    });
    let missing = |role| DirectoryError::NotPermitted { client: "happening-ci".to_owned(), role };
    assert_eq!(directory.check().await, Err(missing("manage-organizations")));
    assert_eq!(directory.find_account(ADA).await, Err(missing("manage-users")));
}

#[tokio::test]
async fn a_realm_that_is_not_there_says_nothing_of_anybody() {
    let directory = keycloak(|_| {});
    let elsewhere = keycloak(|settings| "elsewhere".clone_into(&mut settings.realm));
    let refused = elsewhere.find_account(ADA).await.expect_err("no such realm");
    assert!(matches!(refused, DirectoryError::SignIn(_)), "{refused:?}");
    // With a good token, as if the admin API alone were another one.
    let mixed = KeycloakDirectory { realm: elsewhere.realm.clone(), ..directory };
    let refused = mixed.find_account(ADA).await.expect_err("no such realm");
    assert!(matches!(refused, DirectoryError::Refused { status: 404, .. }), "{refused:?}");
    assert!(mixed.delete_account(ADA).await.is_err());
}

#[tokio::test]
async fn nobody_at_the_address_is_an_outage_and_nothing_was_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let free = listener.local_addr().expect("an address");
    drop(listener);
    let directory = keycloak(|settings| settings.server = format!("http://{free}"));
    let away = directory.find_account(ADA).await.expect_err("nobody listens");
    assert!(away.is_outage() && !away.is_unsettled(), "{away:?}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_leaves_a_change_unsettled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Read, so that it was sent; then hang up.
            let _ = stream.read(&mut [0; 1024]).await;
        }
    });
    // The token is the real one: only the admin API hangs up.
    let hanging = keycloak(|settings| settings.server = server);
    let mixed = KeycloakDirectory { realm: hanging.realm.clone(), ..keycloak(|_| {}) };
    let asked = mixed.find_account(ADA).await.expect_err("hung up");
    assert!(asked.is_outage() && !asked.is_unsettled(), "{asked:?}");
    let told = mixed.delete_organization("some").await.expect_err("hung up");
    assert!(told.is_outage() && told.is_unsettled(), "{told:?}");
}
