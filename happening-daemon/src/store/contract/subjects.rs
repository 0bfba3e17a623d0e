//! What Keycloak is to be told of a member goes by the account, whoever has it.

use super::kit::{Kit, at, by};
use crate::store::{ClaimedTask, Erasure, KeycloakTask, TaskFailure, subject_hash};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::UserId;
use happening_core::wire::Role;

on_every_store!(
    an_account_is_one_task_whoever_has_it,
    rows_of_an_older_version_are_settled_under_their_own_key,
    rows_of_an_older_version_become_one_for_each_account,
);

/// What of it is for both databases.
fn renaming() -> &'static str {
    let migration = include_str!("../../../migrations/sqlite/0008_subjects.sql");
    migration.split_once("ALTER TABLE").expect("what comes after").0
}

async fn join(kit: &Kit, name: &str, seconds: i64) -> UserId {
    let user = kit.person(name).await;
    assert!(kit.set_member(kit.organization, user, Role::User, &by(at(seconds))).await.expect("set"));
    user
}

async fn claim_members(kit: &Kit, seconds: i64) -> Vec<ClaimedTask> {
    let claimed = kit.store.claim_keycloak_tasks(at(seconds), at(seconds + 60), 99).await.expect("claimed");
    claimed.into_iter().filter(|claimed| matches!(claimed.task, KeycloakTask::Member { .. })).collect()
}

async fn an_account_is_one_task_whoever_has_it(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = join(&kit, "ada", 2).await;
    kit.db.execute("DELETE FROM keycloak_tasks").await.expect("told so far");
    let (hash, email) = (subject_hash("sub-ada"), None);
    let erase = Erasure { user: ada, subject_hash: hash, email, account: false };
    assert_eq!(kit.erase_user(&erase, &by(at(3))).await.expect("erased"), None);
    let is_member = async || kit.store.is_keycloak_member(kit.organization, "sub-ada").await;
    assert!(!is_member().await.expect("readable"));
    let first = claim_members(&kit, 4).await;
    assert_eq!(first.len(), 1, "to be removed");

    // Back as somebody new, and a member again, while somebody is at it.
    let again = join(&kit, "ada", 5).await;
    assert_ne!(ada, again);
    assert!(is_member().await.expect("readable"), "whoever has the account");
    assert_eq!(claim_members(&kit, 6).await, [], "it has one owner at a time");
    kit.store.finish_keycloak_task(&first[0], at(99)).await.expect("finished");
    let second = claim_members(&kit, 7).await;
    let wanted =
        KeycloakTask::Member { organization: kit.organization, user: again, subject: "sub-ada".to_owned() };
    assert_eq!(second.iter().map(|claimed| &claimed.task).collect::<Vec<_>>(), [&wanted]);
}

async fn rows_of_an_older_version_are_settled_under_their_own_key(db: TestStore) {
    let kit = Kit::new(db).await;
    let old = "UPDATE keycloak_tasks SET key = 'member:of-before' WHERE kind = 'member'";
    kit.db.execute(old).await.expect("queued by an older version");
    let claimed = claim_members(&kit, 2).await;
    let failure = TaskFailure { error: "HTTP 500".into(), unsettled: false, due: at(3) };
    kit.store.fail_keycloak_task(&claimed[0], &failure).await.expect("noted");
    let again = claim_members(&kit, 3).await;
    assert_eq!((again.len(), again[0].attempts), (1, 1));
    kit.store.finish_keycloak_task(&again[0], at(9)).await.expect("finished");
    assert_eq!(kit.db.texts("SELECT key FROM keycloak_tasks WHERE kind = 'member'").await, [""; 0]);
}

async fn rows_of_an_older_version_become_one_for_each_account(db: TestStore) {
    let kit = Kit::new(db).await;
    for name in ["max", "una"] {
        join(&kit, name, 2).await;
    }
    for statement in [
        // Of Max, who came back as Una.
        "UPDATE keycloak_tasks SET subject = 'sub-max' WHERE subject = 'sub-una'",
        "UPDATE keycloak_tasks SET key = replace(replace(key, 'sub-max', '01900000-0000-7000-8000-000000000001'), \
         'sub-una', '01900000-0000-7000-8000-000000000002') WHERE kind = 'member'",
        renaming(),
    ] {
        kit.db.execute(statement).await.expect("a statement");
    }
    let keys = kit.db.texts("SELECT key FROM keycloak_tasks WHERE subject = 'sub-max'").await;
    let wanted = claim_members(&kit, 9).await;
    assert_eq!(wanted.len(), 2, "Olga and Max");
    let wanted: Vec<_> = wanted.iter().map(|claimed| claimed.task.key()).collect();
    assert_eq!(keys.len(), 1);
    assert!(wanted.contains(&keys[0]), "{keys:?} is not among {wanted:?}");
}
