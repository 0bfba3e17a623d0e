//! Two units at a time, each with each: locks are taken in one order, so neither is given up for the other.

use crate::service::Error;
use crate::store::contract::kit::{Kit, at, by};
use crate::store::{Actor, Erasure, NewInvite};
use crate::testing::{TestStore, on_every_store};
use happening_core::id::{InviteId, UserId};
use happening_core::wire::{ErrorCode, Role};
use std::sync::Arc;

on_every_store!(no_two_wait_for_each_other, an_erasure_and_an_answer_do_not_wait_for_each_other);

#[derive(Debug, Clone, Copy)]
enum Step {
    Accept,
    Reject,
    Revoke,
    Resend,
    Invite,
    Offer,
    ChangeRole,
    Remove,
}

const STEPS: [Step; 8] = [
    Step::Accept,
    Step::Reject,
    Step::Revoke,
    Step::Resend,
    Step::Invite,
    Step::Offer,
    Step::ChangeRole,
    Step::Remove,
];

fn invite(kit: &Kit, name: &str, user: Option<UserId>) -> NewInvite {
    let id = kit.ids.invite();
    NewInvite {
        id,
        organization: kit.organization,
        email: format!("{name}@example.org"),
        user,
        role: Role::User,
        invited_by: kit.organizer,
        token_hash: format!("hash of {id}"),
        message: None,
        expires_at: at(100_000),
    }
}

/// Takes a step with the invite of a user, who may be a member or not by now.
async fn take(kit: &Kit, step: Step, id: InviteId, user: UserId, name: &str) -> Result<(), Error> {
    let by = Actor { user: Some(user), ..by(at(4_000)) };
    match step {
        Step::Accept => kit.accept_invite(id, user, &by).await.map(drop),
        Step::Reject => kit.reject_invite(id, user, &by).await.map(drop),
        Step::Revoke => kit.revoke_invite(id, &by).await.map(drop),
        Step::Resend => kit.resend_invite(id, &format!("token of {id}"), &by).await.map(drop),
        Step::Invite => kit.create_invite(&invite(kit, name, None), &by).await,
        Step::Offer => {
            kit.offer_organization(&invite(kit, name, Some(user)), user, &by).await;
            Ok(())
        }
        Step::ChangeRole => kit.change_role(kit.organization, user, Role::Organizer, &by).await.map(drop),
        Step::Remove => kit.remove_member(kit.organization, user, &by).await.map(drop),
    }
}

async fn no_two_wait_for_each_other(db: TestStore) {
    let kit = Arc::new(Kit::new(db).await);
    for (number, one) in STEPS.into_iter().enumerate() {
        for two in &STEPS[number..] {
            let name = format!("{one:?}-{two:?}").to_lowercase();
            let user = kit.person(&name).await;
            let new = invite(&kit, &name, None);
            kit.create_invite(&new, &by(at(1))).await.expect("an invite");
            let at_once = [one, *two].map(|step| {
                let (kit, name, id) = (Arc::clone(&kit), name.clone(), new.id);
                tokio::spawn(async move { take(&kit, step, id, user, &name).await })
            });
            for step in at_once {
                let taken = step.await.expect("no panic");
                let is_given_up = taken.as_ref().is_err_and(|error| error.code == ErrorCode::Unavailable);
                assert!(!is_given_up, "{name}: {taken:?}");
            }
        }
    }
}

/// The organization of the invite is locked by both: no row of it is changed without.
async fn an_erasure_and_an_answer_do_not_wait_for_each_other(db: TestStore) {
    let kit = Arc::new(Kit::new(db).await);
    for round in 0..6 {
        for step in [Step::Reject, Step::Revoke, Step::Resend] {
            let name = format!("{step:?}-{round}").to_lowercase();
            let user = kit.person(&name).await;
            let new = invite(&kit, &name, None);
            kit.create_invite(&new, &by(at(1))).await.expect("an invite");
            let (subject_hash, email) = (format!("hash of {user}"), Some(new.email.clone()));
            let erasure = Erasure { user, subject_hash, email, account: false };
            let taking = {
                let (kit, name, id) = (Arc::clone(&kit), name.clone(), new.id);
                tokio::spawn(async move { take(&kit, step, id, user, &name).await })
            };
            let erased = kit.erase_user(&erasure, &by(at(4_000))).await;
            assert_eq!(erased.expect("not given up"), None, "{name}");
            let taken = taking.await.expect("no panic");
            let is_given_up = taken.as_ref().is_err_and(|error| error.code == ErrorCode::Unavailable);
            assert!(!is_given_up, "{name}: {taken:?}");
        }
    }
}
