//! What is decided about an organization as a whole.

use crate::service::testing::{Deletion, Transfer, Update};
use crate::store::contract::kit::{Kit, at, by, terms};
use crate::store::{Actor, EventFilter, MemberFilter, MemberMark, OrganizationFilter, Wording};
use crate::testing::{TestStore, on_every_store};
use chrono::Duration;
use happening_core::booking::{Amendment, Command, Terms};
use happening_core::id::UserId;
use happening_core::wire::{
    AuditQuery, EventStatus, Organization, OrganizationSettings, OrganizationStatus, Role, UpdateSettings,
    WaitlistPolicy,
};
use serde_json::{Value, json};
use std::sync::Arc;

on_every_store!(
    settings_change_and_what_is_not_given_stays,
    settings_are_merged_member_by_member,
    an_organization_that_is_not_as_it_was_read_stays,
    an_organization_is_suspended_and_goes_on,
    an_organization_is_given_to_a_member_who_governs_it_then,
    only_whose_it_is_gives_it_away,
    an_organization_with_upcoming_events_stays,
    a_deleted_organization_is_gone_for_its_members_and_its_row_stays,
    no_event_is_published_in_an_organization_that_is_being_deleted,
    a_service_account_governs_nobody_alone,
    members_are_found_in_pages,
    organizations_are_listed_for_members_and_for_all,
);

async fn organization(kit: &Kit) -> Organization {
    kit.store.find_organization(kit.organization).await.expect("readable").expect("an organization")
}

/// Actions with old and new values, newest first.
async fn audit(kit: &Kit) -> Vec<(String, Option<Value>, Option<Value>)> {
    let records =
        kit.store.list_audit(Some(kit.organization), &AuditQuery::default()).await.expect("readable");
    records.into_iter().map(|record| (record.action, record.old, record.new)).collect()
}

fn actor(user: UserId, seconds: i64) -> Actor {
    Actor { user: Some(user), ..by(at(seconds)) }
}

async fn settings_change_and_what_is_not_given_stays(db: TestStore) {
    let kit = Kit::new(db).await;
    let settings = OrganizationSettings {
        timezone: Some("Europe/Berlin".to_owned()),
        waitlist_policy: Some(WaitlistPolicy::Whole),
        contact: Some("ask@example.org".to_owned()),
        language: Some("de".to_owned()),
        color: None,
        event_minutes: Some(90),
    };
    let by_daemon = by(at(5));
    let update =
        |name, settings| kit.rules().update_organization(kit.organization, None, name, settings, &by_daemon);
    let all = UpdateSettings::from(settings.clone());
    assert_eq!(update(None, Some(&all)).await.expect("updated"), Update::Done);
    let found = organization(&kit).await;
    assert_eq!((found.name.as_str(), &found.settings), ("org-of-olga", &settings));
    assert_eq!(update(Some("The \"Höuse\""), None).await.expect("updated"), Update::Done);
    let found = organization(&kit).await;
    assert_eq!((found.name.as_str(), &found.settings), ("The \"Höuse\"", &settings));
    let before = audit(&kit).await;
    assert_eq!(update(Some("The \"Höuse\""), Some(&all)).await.expect("updated"), Update::Done);
    assert_eq!(audit(&kit).await, before, "what changes nothing is no change");
    let renamed = (
        "organization.updated".to_owned(),
        Some(json!({ "name": "withheld" })),
        Some(json!({ "name": "withheld" })),
    );
    assert_eq!(before[0], renamed);
    assert_eq!(
        before[1].2,
        Some(
            json!({ "timezone": "Europe/Berlin", "waitlist_policy": "whole", "contact": "withheld", "language": "de", "event_minutes": 90 })
        )
    );
    let unknown = kit.ids.organization();
    let absent = kit.rules().update_organization(unknown, None, Some("x"), None, &by(at(5))).await;
    assert_eq!(absent.expect("asked"), Update::Absent);
}

async fn settings_are_merged_member_by_member(db: TestStore) {
    let kit = Kit::new(db).await;
    let editor = by(at(5));
    let update = |settings: UpdateSettings| {
        let (rules, organization, by) = (kit.rules(), kit.organization, &editor);
        async move {
            let done = rules.update_organization(organization, None, None, Some(&settings), by).await;
            assert_eq!(done.expect("updated"), Update::Done);
        }
    };
    // At once: what one sets, the others do not undo.
    tokio::join!(
        update(UpdateSettings { timezone: Some(Some("Asia/Tokyo".to_owned())), ..UpdateSettings::default() }),
        update(UpdateSettings {
            waitlist_policy: Some(Some(WaitlistPolicy::Whole)),
            ..UpdateSettings::default()
        }),
        update(UpdateSettings { contact: Some(Some("door".to_owned())), ..UpdateSettings::default() }),
    );
    let all = OrganizationSettings {
        timezone: Some("Asia/Tokyo".to_owned()),
        waitlist_policy: Some(WaitlistPolicy::Whole),
        contact: Some("door".to_owned()),
        language: None,
        color: None,
        event_minutes: None,
    };
    assert_eq!(organization(&kit).await.settings, all);
    update(UpdateSettings { contact: Some(None), ..UpdateSettings::default() }).await;
    assert_eq!(organization(&kit).await.settings, OrganizationSettings { contact: None, ..all });
}

async fn an_organization_that_is_not_as_it_was_read_stays(db: TestStore) {
    let kit = Kit::new(db).await;
    let read = Wording { name: "org-of-olga".to_owned(), settings: OrganizationSettings::default() };
    let editor = by(at(6));
    let rename =
        |name| kit.rules().update_organization(kit.organization, Some(&read), Some(name), None, &editor);
    let (one, two) = tokio::join!(rename("One"), rename("Two"));
    let mut outcomes = [one.expect("asked"), two.expect("asked")];
    outcomes.sort_unstable_by_key(|outcome| *outcome == Update::Stale);
    assert_eq!(outcomes, [Update::Done, Update::Stale], "one of two");
    let delete = |from| kit.rules().delete_organization(kit.organization, from, &editor);
    assert_eq!(delete(Some(&read)).await.expect("asked"), Deletion::Stale);
    let found = organization(&kit).await;
    let now = Wording { name: found.name, settings: found.settings };
    assert_eq!(delete(Some(&now)).await.expect("asked"), Deletion::Done);
    assert_eq!(rename("Late").await.expect("asked"), Update::Absent);
}

async fn an_organization_is_suspended_and_goes_on(db: TestStore) {
    let kit = Kit::new(db).await;
    for status in [OrganizationStatus::Suspended, OrganizationStatus::Suspended, OrganizationStatus::Active] {
        assert!(
            kit.rules().set_organization_status(kit.organization, status, &by(at(5))).await.expect("set")
        );
        let found = kit.store.find_organization_status(kit.organization).await.expect("readable");
        assert_eq!((found, organization(&kit).await.status), (Some(status), status));
    }
    let actions: Vec<String> = audit(&kit).await.into_iter().map(|(action, ..)| action).collect();
    assert_eq!(actions, ["organization.resumed", "organization.suspended", "organization.founded"]);
    let unknown = kit.ids.organization();
    let set = kit.rules().set_organization_status(unknown, OrganizationStatus::Active, &by(at(5))).await;
    assert!(!set.expect("asked"));
    assert_eq!(kit.store.find_organization_status(unknown).await.expect("readable"), None);
}

async fn transfer(kit: &Kit, owner: Option<UserId>, heir: UserId) -> Transfer {
    let by = actor(kit.organizer, 7);
    kit.hand_over(owner, heir, &by).await
}

async fn an_organization_is_given_to_a_member_who_governs_it_then(db: TestStore) {
    let kit = Kit::new(db).await;
    let (heir, stranger) = (kit.person("heir").await, kit.person("stranger").await);
    assert!(kit.set_member(kit.organization, heir, Role::User, &by(at(2))).await.expect("set"));
    assert_eq!(transfer(&kit, Some(kit.organizer), stranger).await, Transfer::NoMember);
    assert_eq!(organization(&kit).await.owner_id, Some(kit.organizer));
    assert_eq!(transfer(&kit, Some(kit.organizer), heir).await, Transfer::Done);
    let found = organization(&kit).await;
    assert_eq!((found.owner_id, found.owner_username.as_deref()), (Some(heir), Some("heir")));
    for user in [heir, kit.organizer] {
        let role = kit.store.find_role(user, kit.organization).await.expect("readable");
        assert_eq!(role, Some(Role::OrgAdmin), "who gave it away stays orgAdmin");
    }
    let log = audit(&kit).await;
    assert_eq!((log[0].0.as_str(), log[1].0.as_str()), ("organization.transferred", "member.role_changed"));
    assert_eq!(log[0].2, Some(json!({ "owner": heir })));
}

async fn only_whose_it_is_gives_it_away(db: TestStore) {
    let kit = Kit::new(db).await;
    let (heir, third) = (kit.person("heir").await, kit.person("third").await);
    for user in [heir, third] {
        assert!(kit.set_member(kit.organization, user, Role::OrgAdmin, &by(at(2))).await.expect("set"));
    }
    assert_eq!(transfer(&kit, Some(heir), third).await, Transfer::NotTheirs);
    // Twice at once: the second finds it gone.
    let (one, two) =
        tokio::join!(transfer(&kit, Some(kit.organizer), heir), transfer(&kit, Some(kit.organizer), third));
    assert!(
        matches!((one, two), (Transfer::Done, Transfer::NotTheirs) | (Transfer::NotTheirs, Transfer::Done)),
        "{one:?} {two:?}"
    );
    assert_eq!(transfer(&kit, None, kit.organizer).await, Transfer::Done, "an operator");
    assert_eq!(organization(&kit).await.owner_id, Some(kit.organizer));
}

async fn delete(kit: &Kit) -> Deletion {
    kit.rules().delete_organization(kit.organization, None, &by(at(100))).await.expect("asked")
}

async fn an_organization_with_upcoming_events_stays(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut upcoming = kit.event(terms(5)).await;
    let started = Terms { starts_at: at(50), ..terms(5) };
    let mut ongoing = kit.event(Terms { status: EventStatus::Ongoing, ..started.clone() }).await;
    kit.event(started).await;
    kit.event(Terms { status: EventStatus::Completed, ..terms(5) }).await;
    kit.event(Terms { status: EventStatus::Cancelled, ..terms(5) }).await;
    let mut listed = kit.store.list_upcoming_events(kit.organization, at(100)).await.expect("readable");
    listed.sort_unstable();
    let mut expected = vec![upcoming.id, ongoing.id];
    expected.sort_unstable();
    assert_eq!(listed, expected);
    assert_eq!(delete(&kit).await, Deletion::HasEvents(2));
    assert_eq!(organization(&kit).await.deleted_at, None);
    let amendment = Amendment { status: Some(EventStatus::Cancelled), delete: true, ..Amendment::default() };
    upcoming.ask(&Command::Amend(amendment));
    ongoing.ask(&Command::Amend(Amendment { status: Some(EventStatus::Completed), ..Amendment::default() }));
    kit.commit(60, &mut [&mut upcoming, &mut ongoing]).await;
    assert_eq!(delete(&kit).await, Deletion::Done);
    assert_eq!(delete(&kit).await, Deletion::Absent);
}

async fn a_deleted_organization_is_gone_for_its_members_and_its_row_stays(db: TestStore) {
    let kit = Kit::new(db).await;
    let over = kit.event(Terms { status: EventStatus::Completed, ..terms(5) }).await;
    assert_eq!(delete(&kit).await, Deletion::Done);
    assert_eq!(organization(&kit).await.deleted_at, Some(at(100)));
    assert_eq!(kit.store.find_organization_status(kit.organization).await.expect("readable"), None);
    assert_eq!(kit.store.find_role(kit.organizer, kit.organization).await.expect("readable"), None);
    assert_eq!(kit.store.list_memberships(kit.organizer).await.expect("readable"), []);
    assert_eq!(kit.store.list_organizations_of(kit.organizer).await.expect("readable"), []);
    assert_eq!(
        kit.store.list_organizations(None, &OrganizationFilter::default()).await.expect("readable"),
        []
    );
    let all = EventFilter::default();
    let here = [kit.organization];
    let seen = |organizations| kit.store.list_events(organizations, &all);
    assert_eq!(seen(Some(&here)).await.expect("readable"), []);
    assert_eq!(seen(None).await.expect("readable").len(), 1, "staff see what was");
    assert!(kit.store.load(over.id).await.expect("readable").is_some());
    assert_eq!(audit(&kit).await[0].0, "organization.deleted");
    let late = kit.new_event("Late", terms(1));
    assert!(!kit.rules().create_event(&late, &by(at(101))).await.expect("asked"));
    let update = kit.rules().update_organization(kit.organization, None, Some("x"), None, &by(at(101))).await;
    assert_eq!(update.expect("asked"), Update::Absent);
    assert_eq!(transfer(&kit, None, kit.organizer).await, Transfer::NotTheirs);
}

async fn no_event_is_published_in_an_organization_that_is_being_deleted(db: TestStore) {
    let kit = Arc::new(Kit::new(db).await);
    for round in 0..8 {
        let organization = kit.ids.organization();
        let settings = OrganizationSettings::default();
        let (now, later) = (by(at(5)), by(at(6)));
        kit.rules()
            .create_organization(organization, "Org", &settings, kit.organizer, &now)
            .await
            .expect("made");
        let event = crate::store::NewEvent { organization, ..kit.new_event("Evening", terms(1)) };
        let (published, deleted) = tokio::join!(
            kit.rules().create_event(&event, &later),
            kit.rules().delete_organization(organization, None, &later)
        );
        let outcome = (published.expect("asked"), deleted.expect("asked"));
        let is_sound = matches!(outcome, (true, Deletion::HasEvents(1)) | (false, Deletion::Done));
        assert!(is_sound, "round {round}: {outcome:?}");
    }
}

async fn a_service_account_governs_nobody_alone(db: TestStore) {
    let kit = Kit::new(db).await;
    let account = crate::store::NewServiceAccount {
        client_id: "robot",
        user: kit.ids.user(),
        username: "service-account-robot",
    };
    let robot = kit.client(kit.organization, account, Role::OrgAdmin, 2).await.expect("mapped");
    let leaves = kit.remove_member(kit.organization, kit.organizer, &by(at(3))).await;
    assert!(!leaves.expect("asked"), "the only person");
    let steps_down = kit.set_member(kit.organization, kit.organizer, Role::User, &by(at(3))).await;
    assert!(!steps_down.expect("asked"));
    assert_eq!(transfer(&kit, None, robot).await, Transfer::NoMember, "nor does it own one");
    assert!(kit.set_member(kit.organization, robot, Role::User, &by(at(4))).await.expect("asked"));
    assert!(kit.remove_member(kit.organization, robot, &by(at(5))).await.expect("asked"));
}

async fn members_are_found_in_pages(db: TestStore) {
    let kit = Kit::new(db).await;
    for (name, role) in [
        ("zed", Role::OrgAdmin),
        ("bea", Role::User),
        ("abe", Role::Organizer),
        ("c_y", Role::User),
        ("cay", Role::User),
    ] {
        let user = kit.person(name).await;
        assert!(kit.set_member(kit.organization, user, role, &by(at(9))).await.expect("set"));
    }
    let names = async |filter: MemberFilter| {
        let members = kit.store.list_members(kit.organization, &filter).await.expect("readable");
        members.into_iter().map(|member| member.username).collect::<Vec<_>>()
    };
    let all = names(MemberFilter::default()).await;
    assert_eq!(all.len(), 6);
    // Page by page, each beginning where the one before ended, is the whole.
    let mut paged = Vec::new();
    let mut filter = MemberFilter { limit: Some(2), ..MemberFilter::default() };
    loop {
        let page = kit.store.list_members(kit.organization, &filter).await.expect("readable");
        let Some(last) = page.last() else { break };
        let is_admin = last.role == Role::OrgAdmin;
        filter.after = Some(MemberMark { is_admin, username: last.username.clone() });
        paged.extend(page.into_iter().map(|member| member.username));
    }
    assert_eq!(paged, all);
    let users = MemberFilter { role: Some(Role::User), ..MemberFilter::default() };
    let mut found = names(users).await;
    found.sort_unstable();
    assert_eq!(found, ["bea", "c_y", "cay"]);
    let text = |text: &str| MemberFilter { text: Some(text.to_owned()), ..MemberFilter::default() };
    assert_eq!(names(text("C_Y")).await, ["c_y"], "as it is written, in any case");
    assert_eq!(names(text("abe@example")).await, ["abe"]);
    assert_eq!(names(text("nobody")).await, Vec::<String>::new());
    assert_eq!(names(text("a\0")).await, Vec::<String>::new());
}

async fn organizations_are_listed_for_members_and_for_all(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, second) = (kit.person("ada").await, kit.ids.organization());
    let settings = OrganizationSettings::default();
    let later = by(at(0) + Duration::seconds(9));
    kit.rules().create_organization(second, "Second", &settings, ada, &later).await.expect("made");
    let ids = async |viewer| {
        let all = OrganizationFilter::default();
        let found = kit.store.list_organizations(viewer, &all).await.expect("readable");
        found.into_iter().map(|organization| organization.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None).await, [kit.organization, second], "oldest first");
    assert_eq!(ids(Some(ada)).await, [second]);
    assert!(kit.set_member(second, kit.organizer, Role::User, &by(at(20))).await.expect("set"));
    assert_eq!(ids(Some(kit.organizer)).await, [kit.organization, second]);
    assert_eq!(ids(Some(kit.person("guest").await)).await, []);
    let names = async |filter: OrganizationFilter| {
        let found = kit.store.list_organizations(None, &filter).await.expect("readable");
        found.into_iter().map(|organization| organization.name).collect::<Vec<_>>()
    };
    let first = kit.store.find_organization(kit.organization).await.expect("readable").expect("there");
    let after = Some((first.created_at, first.id));
    assert_eq!(names(OrganizationFilter { after, ..OrganizationFilter::default() }).await, ["Second"]);
    assert_eq!(names(OrganizationFilter { limit: Some(1), ..OrganizationFilter::default() }).await.len(), 1);
    let text =
        |text: &str| OrganizationFilter { text: Some(text.to_owned()), ..OrganizationFilter::default() };
    assert_eq!(names(text("ECON")).await, ["Second"]);
    assert_eq!(names(text("%")).await, Vec::<String>::new());
    assert_eq!(names(text("a\0")).await, Vec::<String>::new());
}
