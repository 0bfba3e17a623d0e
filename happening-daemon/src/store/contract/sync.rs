//! The life of what Keycloak is to be told.

use super::kit::{Kit, at, by, new_user};
use crate::store::{Actor, ClaimedTask, IssuerState, KeycloakTask, OrganizationTruth, TaskFailure};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::UserId;
use happening_core::wire::{OrganizationSettings, Role};
use std::collections::BTreeSet;
use std::sync::Arc;

on_every_store!(
    an_organization_comes_before_its_members,
    a_task_has_one_owner_until_its_lease_ends,
    daemons_that_claim_at_once_share_no_task,
    what_is_done_is_gone,
    what_is_asked_for_meanwhile_is_due_again_but_not_before_its_owner_is_through,
    an_owner_whose_lease_ended_changes_nothing,
    what_failed_waits_and_says_why,
    what_may_yet_be_carried_out_is_looked_at_once_more,
    everything_is_due_when_keycloak_is_back_but_what_somebody_is_at,
    the_backlog_counts_by_kind,
    the_truth_of_an_organization_names_who_runs_it,
    members_are_queued_when_their_organization_is_new_at_keycloak,
    unsent_organizations_are_queued_once,
    membership_counts_for_the_very_account,
    the_state_of_an_account_is_noted_once,
    who_causes_many_tasks_holds_up_nobody,
);

async fn claim(kit: &Kit, now: i64, lease: i64, limit: u32) -> Vec<ClaimedTask> {
    kit.store.claim_keycloak_tasks(at(now), at(lease), limit).await.expect("claimed")
}

async fn finish(kit: &Kit, claimed: &ClaimedTask, look_again: i64) {
    kit.store.finish_keycloak_task(claimed, at(look_again)).await.expect("finished");
}

async fn fail(kit: &Kit, claimed: &ClaimedTask, due: i64, unsettled: bool) {
    let failure = TaskFailure { error: "HTTP 500".into(), unsettled, due: at(due) };
    kit.store.fail_keycloak_task(claimed, &failure).await.expect("noted");
}

async fn pending(kit: &Kit) -> u64 {
    kit.store.find_keycloak_backlog().await.expect("readable").pending.values().sum()
}

fn member(kit: &Kit, user: UserId, name: &str) -> KeycloakTask {
    KeycloakTask::Member { organization: kit.organization, user, subject: format!("sub-{name}") }
}

/// A kit whose founding is told, so that nothing is queued.
async fn quiet(db: TestStore) -> Kit {
    let kit = Kit::new(db).await;
    for claimed in claim(&kit, 0, 1, 9).await {
        finish(&kit, &claimed, 0).await;
    }
    assert_eq!(pending(&kit).await, 0);
    kit
}

/// Queues the organization, and Max as its member, `seconds` after the beginning.
async fn admit(kit: &Kit, role: Role, seconds: i64) -> UserId {
    let max = match kit.store.find_user_by_subject("sub-max").await.expect("readable") {
        Some(user) => user.id,
        None => kit.person("max").await,
    };
    assert!(kit.set_member(kit.organization, max, role, &by(at(seconds))).await.expect("set"));
    max
}

async fn an_organization_comes_before_its_members(db: TestStore) {
    let kit = Kit::new(db).await;
    assert_eq!(claim(&kit, -1, 60, 9).await, [], "not due yet");
    let claimed = claim(&kit, 0, 60, 9).await;
    let tasks: Vec<_> = claimed.iter().map(|claimed| claimed.task.clone()).collect();
    assert_eq!(tasks, [KeycloakTask::Organization(kit.organization), member(&kit, kit.organizer, "olga")]);
    assert!(claimed.iter().all(|claimed| (claimed.generation, claimed.attempts) == (1, 0)));
    assert!(claimed.iter().all(|claimed| claimed.lease == at(60)));
}

async fn a_task_has_one_owner_until_its_lease_ends(db: TestStore) {
    let kit = Kit::new(db).await;
    let first = claim(&kit, 0, 60, 1).await;
    assert_eq!(first[0].task, KeycloakTask::Organization(kit.organization));
    let second = claim(&kit, 0, 60, 9).await;
    assert_eq!(second.len(), 1, "the other one is free");
    assert_eq!(claim(&kit, 59, 99, 9).await, []);
    assert_eq!(claim(&kit, 60, 99, 9).await.len(), 2);
}

async fn daemons_that_claim_at_once_share_no_task(db: TestStore) {
    let kit = quiet(db).await;
    let mut users = vec![];
    for number in 0..60 {
        let user = kit.person(&format!("p{number}")).await;
        kit.set_member(kit.organization, user, Role::User, &by(at(1))).await.expect("set");
        users.push(user);
    }
    let daemon = |lease: i64| {
        let store = Arc::clone(&kit.store);
        tokio::spawn(async move {
            let mut claimed = Vec::new();
            for _ in 0..20 {
                claimed.extend(store.claim_keycloak_tasks(at(2), at(lease), 5).await.expect("claimed"));
            }
            claimed
        })
    };
    let (one, two) = (daemon(60), daemon(61));
    let mut claimed = one.await.expect("no panic");
    claimed.extend(two.await.expect("no panic"));
    claimed.extend(claim(&kit, 2, 62, 99).await);
    let distinct: BTreeSet<_> = claimed.iter().map(|claimed| claimed.task.key()).collect();
    assert_eq!((claimed.len(), distinct.len()), (61, 61));
}

async fn what_is_done_is_gone(db: TestStore) {
    let kit = Kit::new(db).await;
    for claimed in claim(&kit, 0, 60, 9).await {
        finish(&kit, &claimed, 5).await;
    }
    assert_eq!(pending(&kit).await, 0);
    assert_eq!(claim(&kit, 999, 1_000, 9).await, []);
}

async fn what_is_asked_for_meanwhile_is_due_again_but_not_before_its_owner_is_through(db: TestStore) {
    let kit = Kit::new(db).await;
    let claimed = claim(&kit, 0, 60, 9).await;
    admit(&kit, Role::User, 5).await;
    let others = claim(&kit, 6, 66, 9).await;
    assert_eq!(others.len(), 1, "Max alone: somebody is at the organization");
    finish(&kit, &claimed[0], 99).await;
    let again = claim(&kit, 6, 66, 9).await;
    assert_eq!(again.len(), 1);
    assert_eq!((&again[0].task, again[0].generation), (&KeycloakTask::Organization(kit.organization), 2));
    finish(&kit, &again[0], 99).await;
    assert_eq!(pending(&kit).await, 2, "the two members");
}

async fn an_owner_whose_lease_ended_changes_nothing(db: TestStore) {
    let kit = Kit::new(db).await;
    let late = claim(&kit, 0, 60, 1).await;
    let owner = claim(&kit, 60, 120, 1).await;
    assert_eq!(late[0].task, owner[0].task);
    finish(&kit, &late[0], 0).await;
    fail(&kit, &late[0], 0, true).await;
    assert_eq!(pending(&kit).await, 2);
    assert_eq!(claim(&kit, 119, 200, 9).await.len(), 1, "the other task");
    finish(&kit, &owner[0], 0).await;
    assert_eq!(pending(&kit).await, 1, "and nothing unsettled was noted");
}

async fn what_failed_waits_and_says_why(db: TestStore) {
    let kit = Kit::new(db).await;
    let claimed = claim(&kit, 0, 60, 1).await;
    fail(&kit, &claimed[0], 10, false).await;
    assert_eq!(claim(&kit, 9, 60, 9).await.len(), 1, "the member");
    let again = claim(&kit, 10, 60, 9).await;
    assert_eq!((again.len(), again[0].attempts), (1, 1));
    let failures = kit.store.find_keycloak_backlog().await.expect("readable").failures;
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].kind.as_str(), failures[0].attempts), ("organization", 1));
    assert_eq!((failures[0].organization, failures[0].error.as_str()), (Some(kit.organization), "HTTP 500"));

    // Asked for anew it is due at once, whatever its failures.
    fail(&kit, &again[0], 999, false).await;
    admit(&kit, Role::User, 20).await;
    let anew = claim(&kit, 20, 80, 1).await;
    assert_eq!((anew[0].generation, anew[0].attempts), (2, 0));
    // Asked for while it fails: not put off either.
    admit(&kit, Role::Organizer, 25).await;
    fail(&kit, &anew[0], 999, false).await;
    assert_eq!(claim(&kit, 25, 85, 1).await[0].generation, 3);
}

async fn what_may_yet_be_carried_out_is_looked_at_once_more(db: TestStore) {
    let kit = Kit::new(db).await;
    let claimed = claim(&kit, 0, 60, 9).await;
    fail(&kit, &claimed[0], 10, true).await;
    finish(&kit, &claimed[1], 99).await;
    let again = claim(&kit, 10, 60, 9).await;
    admit(&kit, Role::User, 11).await;
    finish(&kit, &again[0], 15).await;
    let anew = claim(&kit, 11, 70, 1).await;
    assert_eq!(anew[0].generation, 2, "asked for again: at once");
    finish(&kit, &anew[0], 16).await;
    assert_eq!(claim(&kit, 15, 75, 9).await.len(), 1, "the member alone");
    let last = claim(&kit, 16, 76, 9).await;
    assert_eq!((last.len(), last[0].attempts), (1, 0));
    finish(&kit, &last[0], 99).await;
    assert_eq!(pending(&kit).await, 1, "the member, who has an owner");
}

async fn everything_is_due_when_keycloak_is_back_but_what_somebody_is_at(db: TestStore) {
    let kit = Kit::new(db).await;
    let claimed = claim(&kit, 0, 60, 9).await;
    fail(&kit, &claimed[0], 500, false).await;
    kit.store.release_keycloak_tasks(at(20)).await.expect("released");
    assert_eq!(claim(&kit, 19, 79, 9).await, []);
    let due = claim(&kit, 20, 80, 9).await;
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].task, claimed[0].task);
}

async fn the_backlog_counts_by_kind(db: TestStore) {
    let kit = Kit::new(db).await;
    admit(&kit, Role::User, 30).await;
    let backlog = kit.store.find_keycloak_backlog().await.expect("readable");
    let pending: Vec<_> = backlog.pending.into_iter().collect();
    assert_eq!(pending, [("member".to_owned(), 2), ("organization".to_owned(), 1)]);
    assert_eq!((backlog.oldest, backlog.failures.len()), (Some(at(0)), 0));
}

async fn the_truth_of_an_organization_names_who_runs_it(db: TestStore) {
    let kit = quiet(db).await;
    admit(&kit, Role::Organizer, 1).await;
    let una = kit.person("una").await;
    kit.set_member(kit.organization, una, Role::User, &by(at(1))).await.expect("set");
    let bot = kit.person("bot").await;
    kit.set_member(kit.organization, bot, Role::Organizer, &by(at(1))).await.expect("set");
    kit.db.execute("UPDATE users SET kind = 'service' WHERE username = 'bot'").await.expect("changed");
    let expected = OrganizationTruth {
        name: "org-of-olga".to_owned(),
        keycloak_org_id: None,
        suspended: false,
        deleted: false,
        org_admins: vec!["sub-olga".to_owned()],
        organizers: vec!["sub-max".to_owned()],
    };
    let truth = kit.store.find_organization_truth(kit.organization).await.expect("readable");
    assert_eq!(truth.as_ref(), Some(&expected));
    kit.db
        .execute("UPDATE organizations SET status = 'suspended', deleted_at = created_at")
        .await
        .expect("changed");
    let truth = kit.store.find_organization_truth(kit.organization).await.expect("readable");
    assert_eq!(truth, Some(OrganizationTruth { suspended: true, deleted: true, ..expected }));
    let nowhere = kit.store.find_organization_truth(kit.ids.organization()).await.expect("readable");
    assert_eq!(nowhere, None);
}

async fn members_are_queued_when_their_organization_is_new_at_keycloak(db: TestStore) {
    let kit = quiet(db).await;
    for (round, id) in ["kc-1", "kc-1", "kc-2"].into_iter().enumerate() {
        kit.store.set_keycloak_org_id(kit.organization, id, at(7)).await.expect("set");
        let memberships = kit.store.list_memberships(kit.organizer).await.expect("readable");
        assert_eq!(memberships[0].keycloak_org_id.as_deref(), Some(id));
        let queued = claim(&kit, 7, 60, 9).await;
        assert_eq!(queued.len(), usize::from(round != 1), "only where it is new");
        for claimed in queued {
            assert_eq!(claimed.task, member(&kit, kit.organizer, "olga"));
            finish(&kit, &claimed, 0).await;
        }
    }
    kit.store.set_keycloak_org_id(kit.ids.organization(), "kc-3", at(8)).await.expect("nothing to do");
    assert_eq!(pending(&kit).await, 0);
}

async fn unsent_organizations_are_queued_once(db: TestStore) {
    let kit = quiet(db).await;
    assert_eq!(kit.store.queue_unsent_organizations(at(9)).await.expect("queued"), 1);
    assert_eq!(kit.store.queue_unsent_organizations(at(9)).await.expect("queued"), 0);
    let claimed = claim(&kit, 9, 60, 9).await;
    assert_eq!(claimed[0].task, KeycloakTask::Organization(kit.organization));
    finish(&kit, &claimed[0], 0).await;
    kit.db.execute("UPDATE organizations SET keycloak_org_id = 'kc-1'").await.expect("changed");
    assert_eq!(kit.store.queue_unsent_organizations(at(9)).await.expect("queued"), 0, "told");
    let gone = "UPDATE organizations SET keycloak_org_id = NULL, deleted_at = created_at";
    kit.db.execute(gone).await.expect("changed");
    assert_eq!(kit.store.queue_unsent_organizations(at(9)).await.expect("queued"), 0, "deleted");
}

async fn membership_counts_for_the_very_account(db: TestStore) {
    let kit = quiet(db).await;
    let max = admit(&kit, Role::User, 1).await;
    let is_member = async |subject: &str| {
        kit.store.is_keycloak_member(kit.organization, subject).await.expect("readable")
    };
    assert!(is_member("sub-max").await);
    assert!(!is_member("sub-of-before").await);
    kit.db.execute("UPDATE users SET kind = 'service' WHERE username = 'max'").await.expect("changed");
    assert!(!is_member("sub-max").await, "service accounts are no members there");
    kit.db.execute("UPDATE users SET kind = 'person' WHERE username = 'max'").await.expect("changed");
    kit.remove_member(kit.organization, max, &by(at(2))).await.expect("removed");
    assert!(!is_member("sub-max").await);
}

async fn the_state_of_an_account_is_noted_once(db: TestStore) {
    let kit = Kit::new(db).await;
    let state = async || kit.store.find_issuer_state(kit.organizer).await.expect("readable");
    let set =
        async |state| kit.store.set_issuer_state(kit.organizer, state, &by(at(3))).await.expect("noted");
    assert_eq!(state().await, Some(IssuerState::Active));
    for other in [IssuerState::Disabled, IssuerState::Deleted, IssuerState::Active] {
        assert!(set(other).await);
        assert!(!set(other).await, "known already");
        assert_eq!(state().await, Some(other));
    }
    let noted = "SELECT new_value FROM audit_log WHERE action = 'user.issuer_state_changed' ORDER BY id";
    let noted = kit.db.texts(noted).await;
    assert_eq!(noted.len(), 3);
    assert_eq!(noted[0], r#"{"issuer_state":"disabled"}"#);
    kit.db.execute("UPDATE users SET kind = 'service'").await.expect("changed");
    assert_eq!(state().await, None);
    assert!(!set(IssuerState::Deleted).await, "nobody watches a service account");
    assert_eq!(kit.store.find_issuer_state(kit.ids.user()).await.expect("readable"), None);
}

/// The organizations of these tasks, in the order in which they are taken, one at a time.
async fn taken(kit: &Kit, tasks: usize) -> Vec<KeycloakTask> {
    let mut taken = Vec::new();
    for _ in 0..tasks {
        for claimed in claim(kit, 100, 200, 1).await {
            finish(kit, &claimed, 200).await;
            taken.push(claimed.task);
        }
    }
    taken
}

async fn who_causes_many_tasks_holds_up_nobody(db: TestStore) {
    let kit = quiet(db).await;
    let (crowd, ada) = (kit.person("crowd").await, kit.person("ada").await);
    let found = async |owner: UserId, seconds: i64| {
        let organization = kit.ids.organization();
        let settings = OrganizationSettings::default();
        let by = Actor { user: Some(owner), ..by(at(seconds)) };
        kit.rules().create_organization(organization, "Org", &settings, owner, &by).await.expect("founded");
        organization
    };
    for _ in 0..40 {
        found(crowd, 1).await;
    }
    taken(&kit, 10).await;
    // Somebody else founds one, later than all of these.
    let hers = found(ada, 50).await;
    // And somebody signs in for the first time, later still.
    let (newcomer, own) = (kit.ids.user(), kit.ids.organization());
    let home = Some((own, "org-of-new".to_owned(), "org-of-new.org".to_owned()));
    let signed_up = Actor { user: Some(newcomer), ..by(at(60)) };
    kit.rules().create_user(&new_user(newcomer, "new"), home, &signed_up).await.expect("a user");
    let next = taken(&kit, 8).await;
    let own_tasks = [
        KeycloakTask::Organization(own),
        KeycloakTask::Member { organization: own, user: newcomer, subject: "sub-new".to_owned() },
    ];
    assert_eq!(next[..2], own_tasks, "a first sign-in comes first");
    let of_ada = |task: &&KeycloakTask| match task {
        KeycloakTask::Organization(organization) | KeycloakTask::Member { organization, .. } => {
            *organization == hers
        }
        KeycloakTask::Account { .. } => false,
    };
    assert_eq!(next.iter().filter(of_ada).count(), 2, "in turn: {next:?}");
    // Nothing is lost.
    assert_eq!(taken(&kit, 100).await.len(), 82 - 8 - 10 + 2);
    assert_eq!(pending(&kit).await, 0);
}
