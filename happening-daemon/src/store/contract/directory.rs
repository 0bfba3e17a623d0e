//! People: the first sign-in, and finding them.

use super::kit::{Kit, at, by, new_user};
use crate::service::Error;
use crate::store::{Constraint, NewUser, UserFilter};
use crate::testing::{TestStore, on_every_store};
use happening_core::wire::{OrganizationSettings, Role, User, UserStatus};

on_every_store!(
    a_user_reads_back_as_signed_up,
    a_first_sign_in_brings_an_organization_of_ones_own,
    a_person_signs_up_once,
    a_username_is_taken_whatever_its_case,
    a_sign_up_that_fails_leaves_nothing,
    the_same_person_twice_at_once_is_one_user,
    people_are_found_by_username_and_address,
    what_is_searched_is_meant_as_it_is_written,
    what_no_text_contains_is_found_nowhere,
    a_search_finds_at_most_fifty,
);

async fn a_user_reads_back_as_signed_up(db: TestStore) {
    let kit = Kit::new(db).await;
    let new = NewUser {
        first_name: Some("Zoë \"Z\"".to_owned()),
        last_name: Some("O'Neil".to_owned()),
        phone: Some("+1 555".to_owned()),
        avatar_url: Some("https://example.org/z.png".to_owned()),
        ..new_user(kit.ids.user(), "zoe")
    };
    kit.rules().create_user(&new, None, &by(at(3))).await.expect("a user");
    let user = kit.store.find_user(new.id).await.expect("readable").expect("a user");
    let expected = User {
        id: new.id,
        keycloak_id: "sub-zoe".to_owned(),
        username: "zoe".to_owned(),
        email: "zoe@example.org".to_owned(),
        first_name: new.first_name,
        last_name: new.last_name,
        phone: new.phone,
        avatar_url: new.avatar_url,
        status: UserStatus::Active,
        created_at: at(3),
        updated_at: at(3),
        organizations: None,
    };
    assert_eq!(user, expected);
    assert_eq!(kit.store.find_user_by_subject("sub-zoe").await.expect("readable"), Some(expected));
    assert_eq!(kit.store.list_memberships(new.id).await.expect("readable"), [], "without an organization");
    assert_eq!(kit.store.find_user_by_subject("SUB-ZOE").await.expect("readable"), None);
    assert_eq!(kit.store.find_user(kit.ids.user()).await.expect("readable"), None);
}

async fn a_first_sign_in_brings_an_organization_of_ones_own(db: TestStore) {
    let kit = Kit::new(db).await;
    let memberships = kit.store.list_memberships(kit.organizer).await.expect("readable");
    assert_eq!(memberships.len(), 1);
    assert_eq!((memberships[0].organization_id, memberships[0].role), (kit.organization, Role::OrgAdmin));
    assert_eq!(memberships[0].organization_name, "org-of-olga");
    assert_eq!(memberships[0].keycloak_org_id, None);
    let own =
        kit.store.find_organization(kit.organization).await.expect("readable").expect("an organization");
    assert_eq!((own.member_count, own.owner_username.as_deref()), (1, Some("olga")));
    assert_eq!((own.created_at, own.settings), (at(0), OrganizationSettings::default()));
    let domains = kit.db.texts("SELECT domain FROM organizations").await;
    assert_eq!(domains, ["org-of-olga.org"]);
}

fn refused(result: &Result<(), Error>, constraint: Constraint) {
    assert!(matches!(result, Err(Error { conflict: Some(found), .. }) if *found == constraint), "{result:?}");
}

async fn a_person_signs_up_once(db: TestStore) {
    let kit = Kit::new(db).await;
    let again = NewUser { subject: "sub-olga".to_owned(), ..new_user(kit.ids.user(), "other") };
    refused(&kit.rules().create_user(&again, None, &by(at(1))).await, Constraint::UserSubject);
    let same = new_user(kit.ids.user(), "olga");
    is_known(&kit.rules().create_user(&same, None, &by(at(1))).await);
}

/// Who signs up twice runs into both names; which one is told, the database decides.
fn is_known(result: &Result<(), Error>) {
    let known =
        matches!(result, Err(Error { conflict: Some(Constraint::UserSubject | Constraint::Username), .. }));
    assert!(known, "{result:?}");
}

async fn a_username_is_taken_whatever_its_case(db: TestStore) {
    let kit = Kit::new(db).await;
    for name in ["olga", "Olga", "OLGA"] {
        let namesake = NewUser { subject: "sub-2".to_owned(), ..new_user(kit.ids.user(), name) };
        refused(&kit.rules().create_user(&namesake, None, &by(at(1))).await, Constraint::Username);
    }
    let other = NewUser { subject: "sub-2".to_owned(), ..new_user(kit.ids.user(), "olga2") };
    kit.rules().create_user(&other, None, &by(at(1))).await.expect("a user");
}

async fn a_sign_up_that_fails_leaves_nothing(db: TestStore) {
    let kit = Kit::new(db).await;
    let user = new_user(kit.ids.user(), "ada");
    // The organization's id is taken.
    let own = Some((kit.organization, "org-of-ada".to_owned(), "org-of-ada.org".to_owned()));
    refused(&kit.rules().create_user(&user, own, &by(at(1))).await, Constraint::Organization);
    assert_eq!(kit.store.find_user(user.id).await.expect("readable"), None);
    kit.rules().create_user(&user, None, &by(at(1))).await.expect("a user");
}

async fn the_same_person_twice_at_once_is_one_user(db: TestStore) {
    let kit = Kit::new(db).await;
    for round in 0..10 {
        let new = |name: String| new_user(kit.ids.user(), &name);
        let (one, two) = (new(format!("ada{round}")), new(format!("ada{round}")));
        let own = |name: &str| Some((kit.ids.organization(), name.to_owned(), name.to_owned()));
        let actor = by(at(1));
        let (one, two) = tokio::join!(
            kit.rules().create_user(&one, own("one"), &actor),
            kit.rules().create_user(&two, own("two"), &actor)
        );
        match (one, two) {
            (Ok(()), lost) | (lost, Ok(())) => is_known(&lost),
            both => panic!("{both:?}"),
        }
    }
    assert_eq!(kit.db.texts("SELECT name FROM organizations").await.len(), 11, "and one organization");
}

async fn found(kit: &Kit, text: &str) -> Vec<String> {
    let filter = UserFilter { text: text.to_owned(), status: None, after: None, limit: 50, among: None };
    let users = kit.store.search_users(&filter).await.expect("readable");
    users.into_iter().map(|user| user.username).collect()
}

async fn people_are_found_by_username_and_address(db: TestStore) {
    let kit = Kit::new(db).await;
    for (name, email) in
        [("carla", "x@example.com"), ("bert", "carl@example.net"), ("ünal", "Ünal@example.net")]
    {
        let user = NewUser { email: email.to_owned(), ..new_user(kit.ids.user(), name) };
        kit.rules().create_user(&user, None, &by(at(1))).await.expect("a user");
    }
    assert_eq!(found(&kit, "carl").await, ["bert", "carla"], "in order of usernames");
    assert_eq!(found(&kit, "CARL").await, ["bert", "carla"]);
    assert_eq!(found(&kit, "arla").await, ["carla"]);
    assert_eq!(found(&kit, "example.net").await, ["bert", "ünal"]);
    assert_eq!(found(&kit, "ünal").await, ["ünal"]);
    assert_eq!(found(&kit, "Ünal@").await, ["ünal"], "as it is written at least, in any letters");
    assert_eq!(found(&kit, "nobody").await, Vec::<String>::new());
}

async fn what_is_searched_is_meant_as_it_is_written(db: TestStore) {
    let kit = Kit::new(db).await;
    for name in ["a_b", "axb", "100%", "100x", r"back\slash", "quo'te"] {
        kit.person(name).await;
    }
    assert_eq!(found(&kit, "a_b").await, ["a_b"]);
    assert_eq!(found(&kit, "0%").await, ["100%"]);
    assert_eq!(found(&kit, "%").await, ["100%"]);
    assert_eq!(found(&kit, "_").await, ["a_b"]);
    assert_eq!(found(&kit, r"k\s").await, [r"back\slash"]);
    assert_eq!(found(&kit, r"\").await, [r"back\slash"]);
    assert_eq!(found(&kit, "o't").await, ["quo'te"]);
}

async fn what_no_text_contains_is_found_nowhere(db: TestStore) {
    let kit = Kit::new(db).await;
    assert_eq!(found(&kit, "ol\0").await, Vec::<String>::new());
    assert_eq!(kit.store.find_user_by_subject("sub-olga\0").await.expect("readable"), None);
}

async fn a_search_finds_at_most_fifty(db: TestStore) {
    let kit = Kit::new(db).await;
    for number in 0..60 {
        kit.person(&format!("many{number:02}")).await;
    }
    let many = found(&kit, "many").await;
    assert_eq!((many.len(), many[0].as_str(), many[49].as_str()), (50, "many00", "many49"));
}
