//! What searches find: the same in all scripts on every database, whatever case, width or composition it is written in.

use super::kit::{Kit, at, by, new_user, terms};
use crate::service::Error;
use crate::store::{
    BookingFilter, Constraint, Details, EventFilter, MemberFilter, NewServiceAccount, NewUser,
    OrganizationFilter, Profile, UserFilter,
};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::{Amendment, Command};
use happening_core::id::EventId;
use happening_core::wire::{OrganizationSettings, Role};

on_every_store!(
    every_search_folds_alike_in_all_scripts,
    every_search_takes_wildcards_as_they_are_written,
    every_search_takes_long_texts,
    what_is_written_anew_is_found_anew,
    rows_from_before_are_folded_by_the_next_start,
    names_are_the_same_only_in_the_case_of_ascii,
    people_are_listed_in_the_same_order,
);

/// Names, and what each is searched by.
const NAMES: [(&str, &str); 8] = [
    ("\u{c4}rzte", "\u{e4}rzte"),
    ("a\u{308}rmel", "\u{c4}RMEL"),
    ("Stra\u{df}e", "STRASSE"),
    ("\u{39f}\u{394}\u{39f}\u{3a3}", "\u{3bf}\u{3b4}\u{3bf}\u{3c2}"),
    ("\u{416}\u{438}\u{432}\u{43e}", "\u{436}\u{418}\u{412}\u{41e}"),
    ("\u{ff2a}\u{ff21}\u{ff3a}\u{ff3a}", "jazz"),
    ("\u{4e2d}\u{6587}\u{6f14}\u{51fa}", "\u{6587}\u{6f14}"),
    ("\u{212a}oln", "koln"),
];

const NOTHING: [Vec<String>; 5] = [const { Vec::new() }; 5];

/// What each search finds, by name.
async fn found(kit: &Kit, text: &str) -> [Vec<String>; 5] {
    let some = Some(text.to_owned());
    let (store, organization) = (&kit.store, kit.organization);
    let events = EventFilter { text: some.clone(), ..EventFilter::default() };
    let events = store.list_events(None, &events).await.expect("events");
    let organizations = OrganizationFilter { text: some.clone(), ..OrganizationFilter::default() };
    let organizations = store.list_organizations(None, &organizations).await.expect("organizations");
    let members = MemberFilter { text: some.clone(), ..MemberFilter::default() };
    let members = store.list_members(organization, &members).await.expect("members");
    let people = UserFilter { text: text.to_owned(), status: None, after: None, limit: 50, among: None };
    let people = store.search_users(&people).await.expect("people");
    let bookings = BookingFilter { status: None, text: some, before: None, limit: 50 };
    let mut booked = Vec::new();
    for event in &events_of(kit).await {
        booked.extend(store.list_bookings_at(*event, &bookings).await.expect("bookings"));
    }
    let mut names = [
        events.into_iter().map(|event| event.name).collect::<Vec<_>>(),
        organizations.into_iter().map(|organization| organization.name).collect(),
        members.into_iter().map(|member| member.username).collect(),
        people.into_iter().map(|user| user.username).collect(),
        booked.into_iter().filter_map(|booking| booking.username).collect(),
    ];
    for names in &mut names {
        names.sort_unstable();
    }
    names
}

async fn events_of(kit: &Kit) -> Vec<EventId> {
    let all = kit.store.list_events(None, &EventFilter::default()).await.expect("events");
    all.into_iter().map(|event| event.id).collect()
}

/// An event, an organization, and a person who is a member and has a booking, of each name.
async fn named(kit: &Kit, names: &[&str]) {
    let mut hall = kit.event(terms(100)).await;
    for (name, number) in names.iter().zip(1..) {
        let event = kit.new_event(name, terms(5));
        assert!(kit.rules().create_event(&event, &by(at(2))).await.expect("an event"));
        let settings = OrganizationSettings::default();
        let organization = kit.ids.organization();
        kit.rules()
            .create_organization(organization, name, &settings, kit.organizer, &by(at(2)))
            .await
            .expect("an organization");
        let user = NewUser {
            subject: format!("sub-{number}"),
            email: format!("{number}@example.net"),
            ..new_user(kit.ids.user(), name)
        };
        kit.rules().create_user(&user, None, &by(at(2))).await.expect("a user");
        assert!(kit.set_member(kit.organization, user.id, Role::User, &by(at(2))).await.expect("a member"));
        hall.book(user.id, 1);
    }
    kit.commit(3, &mut [&mut hall]).await;
}

async fn every_search_folds_alike_in_all_scripts(db: TestStore) {
    let kit = Kit::new(db).await;
    named(&kit, &NAMES.map(|(name, _)| name)).await;
    for (name, text) in NAMES {
        for searched in [name, text] {
            assert_eq!(found(&kit, searched).await, [(); 5].map(|()| vec![name.to_owned()]), "{searched}");
        }
    }
    assert_eq!(found(&kit, "\u{e4}r").await[0].len(), 2, "as one letter or as two");
    assert_eq!(found(&kit, "arzte").await, NOTHING, "another letter");
}

async fn every_search_takes_wildcards_as_they_are_written(db: TestStore) {
    let kit = Kit::new(db).await;
    named(&kit, &["a_b", "axb", "100%", "100x", r"back\slash", "quo'te", "[abc]", "*", "?"]).await;
    for (text, name) in [
        ("A_B", "a_b"),
        ("0%", "100%"),
        ("%", "100%"),
        ("_", "a_b"),
        (r"K\S", r"back\slash"),
        (r"\", r"back\slash"),
        ("o't", "quo'te"),
        ("[a", "[abc]"),
        ("*", "*"),
        ("?", "?"),
    ] {
        assert_eq!(found(&kit, text).await, [(); 5].map(|()| vec![name.to_owned()]), "{text}");
    }
}

async fn every_search_takes_long_texts(db: TestStore) {
    let kit = Kit::new(db).await;
    // Each of these becomes eighteen letters: the longest that 200 characters fold to.
    for long in ["\u{fdfa}".repeat(200), "\u{10ffff}".repeat(200), "%".repeat(200), "\\_".repeat(100)] {
        assert_eq!(found(&kit, &long).await, NOTHING);
    }
}

async fn what_is_written_anew_is_found_anew(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(5)).await;
    event.ask(&Command::Amend(Amendment::default()));
    event.details = Details { name: Some("\u{d6}l".to_owned()), ..Details::default() };
    kit.commit(2, &mut [&mut event]).await;
    kit.rules()
        .update_organization(kit.organization, None, Some("\u{d6}lhaus"), None, &by(at(3)))
        .await
        .expect("renamed");
    let profile = Profile {
        email: "\u{d6}lga@example.org".to_owned(),
        first_name: None,
        last_name: None,
        issued_at: at(4),
    };
    assert!(kit.rules().refresh_profile(kit.organizer, &profile, &by(at(4))).await.expect("refreshed"));
    let [events, organizations, members, people, _] = found(&kit, "\u{f6}l").await;
    assert_eq!((events, organizations), (vec!["\u{d6}l".to_owned()], vec!["\u{d6}lhaus".to_owned()]));
    assert_eq!((members, people), (vec!["olga".to_owned()], vec!["olga".to_owned()]), "by the address");
    let old = found(&kit, "evening").await;
    assert_eq!(old[0], Vec::<String>::new(), "and not by what it was called");
    let account = NewServiceAccount { client_id: "CI", user: kit.ids.user(), username: "Service-CI" };
    let robot =
        kit.rules().ensure_service_account(kit.organization, account, &by(at(5))).await.expect("made");
    assert!(kit.set_member(kit.organization, robot, Role::User, &by(at(5))).await.expect("a member"));
    assert_eq!(found(&kit, "service-ci").await[2], ["Service-CI"]);
}

async fn rows_from_before_are_folded_by_the_next_start(db: TestStore) {
    let kit = Kit::new(db).await;
    named(&kit, &["\u{c4}rzte"]).await;
    let folded = "SELECT name_folded FROM events WHERE name <> 'Evening'";
    for forget in [
        "UPDATE events SET name_folded = NULL",
        "UPDATE organizations SET name_folded = NULL",
        "UPDATE users SET username_folded = NULL, email_folded = NULL",
    ] {
        kit.db.execute(forget).await.expect("as it was before");
    }
    assert_eq!(found(&kit, "\u{e4}rzte").await, NOTHING);
    kit.store.migrate().await.expect("migrated");
    assert_eq!(kit.db.texts(folded).await, ["\u{e4}rzte"]);
    assert_eq!(found(&kit, "\u{e4}rzte").await, [(); 5].map(|()| vec!["\u{c4}rzte".to_owned()]));
    assert_eq!(found(&kit, "1@example.net").await[3], ["\u{c4}rzte"]);
}

async fn names_are_the_same_only_in_the_case_of_ascii(db: TestStore) {
    let kit = Kit::new(db).await;
    let user = |name: &str| NewUser { subject: format!("sub of {name}"), ..new_user(kit.ids.user(), name) };
    for name in ["kim", "\u{212a}im", "\u{f6}zil", "\u{d6}zil"] {
        kit.rules().create_user(&user(name), None, &by(at(1))).await.expect(name);
    }
    for name in ["KIM", "\u{d6}ZIL"] {
        let taken = kit.rules().create_user(&user(name), None, &by(at(1))).await;
        assert!(
            matches!(taken, Err(Error { conflict: Some(Constraint::Username), .. })),
            "{name}: {taken:?}"
        );
    }
    for (name, expected) in [
        ("Kim", "kim"),
        ("\u{212a}IM", "\u{212a}im"),
        ("\u{d6}ZIL", "\u{d6}zil"),
        ("KIM@Example.org", "kim"),
        ("\u{212a}im@example.org", "\u{212a}im"),
    ] {
        let found = kit.store.find_users_called(&[name.to_owned()]).await.expect("readable");
        let found: Vec<_> = found.iter().map(|user| user.username.as_str()).collect();
        assert_eq!(found, [expected], "{name}");
    }
}

async fn people_are_listed_in_the_same_order(db: TestStore) {
    let kit = Kit::new(db).await;
    for name in ["b", "B2", "a-1", "a_1", "a1", "\u{e4}", "z"] {
        let user = kit.person(name).await;
        assert!(kit.set_member(kit.organization, user, Role::User, &by(at(2))).await.expect("a member"));
    }
    let order = ["B2", "a-1", "a1", "a_1", "b", "olga", "z", "\u{e4}"];
    let all = UserFilter { text: String::new(), status: None, after: None, limit: 50, among: None };
    let people = kit.store.search_users(&all).await.expect("readable");
    let people: Vec<_> = people.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(people, order);
    let members = kit.store.list_members(kit.organization, &MemberFilter::default()).await.expect("readable");
    let members: Vec<_> = members.iter().skip(1).map(|member| member.username.as_str()).collect();
    assert_eq!(members, order.iter().filter(|name| **name != "olga").copied().collect::<Vec<_>>());
}
