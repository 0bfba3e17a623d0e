//! What changes of a person: by their tokens, by themselves, by operators.

use crate::service::testing::Deletion;
use crate::store::contract::kit::{Kit, at, by, new_user};
use crate::store::{Contact, ContactUpdate, NewUser, Profile, UserFilter};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::UserId;
use happening_core::wire::{Role, User, UserStatus};
use std::collections::HashSet;

on_every_store!(
    a_newer_token_says_who_somebody_is,
    people_change_what_they_say_of_themselves,
    who_says_something_else_than_was_read_stays,
    somebody_is_suspended_and_back,
    people_are_listed_by_status,
    people_are_found_by_what_they_are_called,
    co_members_share_an_organization_that_is_there,
    service_accounts_are_no_people,
);

async fn user(kit: &Kit, user: UserId) -> User {
    kit.store.find_user(user).await.expect("readable").expect("a user")
}

async fn a_newer_token_says_who_somebody_is(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.ids.user();
    let new = NewUser {
        first_name: Some("Ada".to_owned()),
        last_name: Some("Byron".to_owned()),
        profile_at: Some(at(10)),
        ..new_user(ada, "ada")
    };
    kit.rules().create_user(&new, None, &by(at(10))).await.expect("a user");
    let said = |email: &str, issued_at| Profile {
        email: email.to_owned(),
        first_name: None,
        last_name: Some("Lovelace".to_owned()),
        issued_at: at(issued_at),
    };
    let refresh = async |profile: Profile| {
        kit.rules().refresh_profile(ada, &profile, &by(at(50))).await.expect("asked")
    };
    assert!(!refresh(said("old@example.org", 9)).await, "an older token");
    assert!(!refresh(said("same@example.org", 10)).await, "the same token");
    assert_eq!(user(&kit, ada).await.email, "ada@example.org");
    assert!(refresh(said("new@example.org", 20)).await);
    let refreshed = user(&kit, ada).await;
    assert_eq!((refreshed.email.as_str(), refreshed.username.as_str()), ("new@example.org", "ada"));
    assert_eq!(refreshed.first_name.as_deref(), Some("Ada"), "what a token does not say stays");
    assert_eq!((refreshed.last_name.as_deref(), refreshed.updated_at), (Some("Lovelace"), at(50)));
    assert!(!refresh(said("late@example.org", 15)).await, "between the two");
    let logged =
        "SELECT coalesce(new_value, 'nothing') FROM audit_log WHERE action = 'user.profile_refreshed'";
    assert_eq!(kit.db.texts(logged).await, ["nothing"], "once, and nothing personal");
    assert!(
        !kit.rules().refresh_profile(kit.ids.user(), &said("x@y", 99), &by(at(50))).await.expect("asked")
    );
}

async fn people_change_what_they_say_of_themselves(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let update = async |update: ContactUpdate| {
        assert!(kit.rules().update_contact(ada, None, &update, &by(at(7))).await.expect("updated"));
        let user = user(&kit, ada).await;
        (user.phone, user.avatar_url)
    };
    let text = |text: &str| Some(text.to_owned());
    let both = ContactUpdate { phone: Some(text("1")), avatar_url: Some(text("a")) };
    assert_eq!(update(both).await, (text("1"), text("a")));
    let phone = ContactUpdate { phone: Some(text("2")), avatar_url: None };
    assert_eq!(update(phone).await, (text("2"), text("a")), "what is absent stays");
    let clear = ContactUpdate { phone: Some(None), avatar_url: None };
    assert_eq!(update(clear).await, (None, text("a")), "what is null is cleared");
    assert_eq!(user(&kit, ada).await.updated_at, at(7));
    let nobody = kit.ids.user();
    let asked = kit.rules().update_contact(nobody, None, &ContactUpdate::default(), &by(at(7))).await;
    assert!(!asked.expect("asked"));
}

async fn who_says_something_else_than_was_read_stays(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let text = |text: &str| Some(text.to_owned());
    let update = async |from: &Contact, phone: &str| {
        let update = ContactUpdate { phone: Some(text(phone)), avatar_url: None };
        kit.rules().update_contact(ada, Some(from), &update, &by(at(7))).await.expect("asked")
    };
    let nothing = Contact::default();
    assert!(update(&nothing, "1").await);
    assert!(!update(&nothing, "2").await, "somebody said 1");
    assert!(!update(&Contact { phone: text("1"), avatar_url: text("a") }, "2").await);
    assert_eq!(user(&kit, ada).await.phone, text("1"));
    assert!(update(&Contact { phone: text("1"), avatar_url: None }, "2").await);
}

async fn somebody_is_suspended_and_back(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    for status in [UserStatus::Suspended, UserStatus::Suspended, UserStatus::Active] {
        assert!(kit.rules().set_user_status(ada, status, &by(at(8))).await.expect("set"));
        assert_eq!(user(&kit, ada).await.status, status);
    }
    let logged = "SELECT action FROM audit_log WHERE target_kind = 'user' AND action LIKE 'user.%d' \
                  AND action <> 'user.signed_up' ORDER BY id";
    assert_eq!(kit.db.texts(logged).await, ["user.suspended", "user.activated"], "what changed");
    let nobody = kit.ids.user();
    assert!(!kit.rules().set_user_status(nobody, UserStatus::Active, &by(at(8))).await.expect("asked"));
}

async fn listed(kit: &Kit, text: &str, status: Option<UserStatus>, limit: u32) -> Vec<String> {
    let filter = UserFilter { text: text.to_owned(), status, after: None, limit, among: None };
    let users = kit.store.search_users(&filter).await.expect("readable");
    users.into_iter().map(|user| user.username).collect()
}

async fn people_are_listed_by_status(db: TestStore) {
    let kit = Kit::new(db).await;
    for name in ["ada", "bert", "carl"] {
        let user = kit.person(name).await;
        if name == "bert" {
            kit.rules().set_user_status(user, UserStatus::Suspended, &by(at(8))).await.expect("set");
        }
    }
    assert_eq!(listed(&kit, "", None, 50).await, ["ada", "bert", "carl", "olga"]);
    assert_eq!(listed(&kit, "", Some(UserStatus::Suspended), 50).await, ["bert"]);
    assert_eq!(listed(&kit, "a", Some(UserStatus::Active), 50).await, ["ada", "carl", "olga"]);
    assert_eq!(listed(&kit, "", None, 2).await, ["ada", "bert"]);
    let rest = UserFilter {
        text: String::new(),
        status: None,
        after: Some("bert".to_owned()),
        limit: 50,
        among: None,
    };
    let rest = kit.store.search_users(&rest).await.expect("readable");
    assert_eq!(rest.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(), ["carl", "olga"]);
}

async fn co_members_share_an_organization_that_is_there(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bert, carl) = (kit.person("ada").await, kit.person("bert").await, kit.person("carl").await);
    for user in [ada, bert] {
        assert!(kit.set_member(kit.organization, user, Role::User, &by(at(2))).await.expect("set"));
    }
    let found = async |viewer: UserId, text: &str| -> Vec<String> {
        let filter =
            UserFilter { text: text.to_owned(), status: None, after: None, limit: 50, among: Some(viewer) };
        let users = kit.store.search_users(&filter).await.expect("readable");
        users.into_iter().map(|user| user.username).collect()
    };
    assert_eq!(found(ada, "").await, ["ada", "bert", "olga"]);
    assert_eq!(found(ada, "BERT").await, ["bert"]);
    assert_eq!(found(carl, "a").await, Vec::<String>::new());
    let shared =
        async |viewer: UserId, of: &[UserId]| kit.store.list_co_members(viewer, of).await.expect("readable");
    assert_eq!(shared(ada, &[bert, carl]).await, HashSet::from([bert]));
    assert_eq!(shared(carl, &[ada, bert]).await, HashSet::new());
    assert_eq!(shared(ada, &[]).await, HashSet::new());
    let deleted = kit.rules().delete_organization(kit.organization, None, &by(at(3))).await.expect("asked");
    assert_eq!(deleted, Deletion::Done);
    assert_eq!(shared(ada, &[bert]).await, HashSet::new(), "a deleted one brings nobody together");
    assert_eq!(found(ada, "").await, Vec::<String>::new());
}

async fn people_are_found_by_what_they_are_called(db: TestStore) {
    let kit = Kit::new(db).await;
    for name in ["ada", "adam", "bert"] {
        kit.person(name).await;
    }
    let found = async |names: &[&str]| -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let users = kit.store.find_users_called(&names).await.expect("readable");
        users.into_iter().map(|user| user.username).collect()
    };
    assert_eq!(found(&["ADA", "bert@example.org", "nobody", "x\0"]).await, ["ada", "bert"]);
    assert_eq!(found(&["a%", "ad"]).await, [""; 0], "the whole name");
    assert_eq!(found(&[]).await, [""; 0]);
}

async fn service_accounts_are_no_people(db: TestStore) {
    let kit = Kit::new(db).await;
    let robot = kit.person("robot").await;
    kit.db.execute("UPDATE users SET kind = 'service' WHERE username = 'robot'").await.expect("a robot");
    assert_eq!(listed(&kit, "rob", None, 50).await, Vec::<String>::new());
    assert_eq!(kit.store.find_person(robot).await.expect("readable"), None);
    assert_eq!(user(&kit, robot).await.username, "robot", "a user all the same");
    let said = Profile { email: "x@y".to_owned(), first_name: None, last_name: None, issued_at: at(99) };
    assert!(!kit.rules().refresh_profile(robot, &said, &by(at(99))).await.expect("asked"));
}
