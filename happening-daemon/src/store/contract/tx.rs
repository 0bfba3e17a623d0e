//! Units of work at the level of rows, and a store that only looks.

use super::kit::{Kit, at, by, new_user, terms};
use crate::service::testing::rules;
use crate::store::{Ending, StoreError};
use crate::testing::{TestStore, on_every_store};
use std::time::Duration;

on_every_store!(
    what_is_committed_is_kept_and_what_is_rolled_back_is_not,
    a_transaction_reads_what_it_wrote,
    a_dropped_transaction_leaves_no_lock,
    two_transactions_take_turns_at_an_organization,
    a_store_that_only_looks_writes_nothing,
);

async fn blocked(kit: &Kit) -> bool {
    !kit.store.list_invite_blocks(kit.organizer).await.expect("readable").is_empty()
}

async fn what_is_committed_is_kept_and_what_is_rolled_back_is_not(db: TestStore) {
    let kit = Kit::new(db).await;
    for ending in [Ending::RollBack, Ending::Commit] {
        for is_kept in [false, true] {
            let mut tx = kit.store.begin(&by(at(1)), ending).await.expect("a transaction");
            tx.insert_invite_block(kit.organizer, kit.organization).await.expect("a row");
            if is_kept && ending == Ending::Commit {
                tx.commit().await.expect("a commit");
            } else {
                tx.roll_back().await.expect("a rollback");
            }
            assert_eq!(blocked(&kit).await, is_kept && ending == Ending::Commit);
        }
    }
}

async fn a_transaction_reads_what_it_wrote(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut tx = kit.store.begin(&by(at(1)), Ending::RollBack).await.expect("a transaction");
    tx.insert_invite_block(kit.organizer, kit.organization).await.expect("a row");
    assert!(tx.delete_invite_block(kit.organizer, kit.organization).await.expect("a row"));
    assert!(!tx.delete_invite_block(kit.organizer, kit.organization).await.expect("none"));
}

async fn a_dropped_transaction_leaves_no_lock(db: TestStore) {
    let kit = Kit::new(db).await;
    for _ in 0..5 {
        let mut tx = kit.store.begin(&by(at(1)), Ending::Commit).await.expect("a transaction");
        tx.lock_organization(kit.organization).await.expect("locked");
        tx.insert_invite_block(kit.organizer, kit.organization).await.expect("a row");
        drop(tx);
        assert!(!blocked(&kit).await);
    }
    // In the middle of a statement too.
    let mut tx = kit.store.begin(&by(at(1)), Ending::Commit).await.expect("a transaction");
    let locking = tx.lock_organization(kit.organization);
    let _ = tokio::time::timeout(Duration::ZERO, locking).await;
    drop(tx);
    let mut tx = kit.store.begin(&by(at(1)), Ending::RollBack).await.expect("a transaction");
    let locking = tokio::time::timeout(Duration::from_secs(1), tx.lock_organization(kit.organization));
    locking.await.expect("no wait").expect("locked");
}

async fn two_transactions_take_turns_at_an_organization(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut first = kit.store.begin(&by(at(1)), Ending::Commit).await.expect("a transaction");
    first.lock_organization(kit.organization).await.expect("locked");
    let (store, organization) = (kit.store.clone(), kit.organization);
    let second = tokio::spawn(async move {
        let mut tx = store.begin(&by(at(2)), Ending::Commit).await?;
        tx.lock_organization(organization).await?;
        let owner = tx.find_owner(organization).await?;
        tx.commit().await?;
        Ok::<_, StoreError>(owner)
    });
    first.set_owner(kit.organization, Some(kit.organizer), true).await.expect("a row");
    first.commit().await.expect("a commit");
    assert_eq!(second.await.expect("no panic").expect("its turn"), Some(Some(kit.organizer)));
}

async fn a_store_that_only_looks_writes_nothing(db: TestStore) {
    let kit = Kit::new(db).await;
    let mut event = kit.event(terms(3)).await;
    let booking = event.book(kit.organizer, 1);
    kit.commit(2, &mut [&mut event]).await;
    let looking = kit.store.looking();
    assert!(looking.find_booking(booking).await.expect("readable").is_some());
    assert_eq!(looking.versions(&[event.id]).await.expect("readable"), [(event.id, 1)]);
    assert!(looking.load(event.id).await.expect("readable").is_some());
    let ada = kit.ids.user();
    assert!(rules(&looking).create_user(&new_user(ada, "ada"), None, &by(at(3))).await.is_err());
    let renamed =
        rules(&looking).update_organization(kit.organization, None, Some("New"), None, &by(at(3))).await;
    assert!(renamed.is_err());
    assert!(looking.release_all(at(3)).await.is_err());
    assert_eq!(kit.store.find_user(ada).await.expect("readable"), None);
    kit.rules().create_user(&new_user(ada, "ada"), None, &by(at(4))).await.expect("the other one writes");
}
