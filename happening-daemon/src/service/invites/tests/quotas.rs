//! How many invites of an organization, and to an address, are open at most.

use crate::service::invites::rules::{LIFETIME, resend, send};
use crate::service::testing::{TOKEN, units};
use crate::service::unit_of_work::UnitOfWork;
use crate::service::{Error, Quotas};
use crate::store::NewInvite;
use crate::store::contract::kit::{Kit, at, by, new_user};
use crate::testing::{TestStore, in_memory};
use happening_core::id::{InviteId, OrganizationId};
use happening_core::wire::{ErrorCode, Role};
use serde_json::Value;

const ANY: Quotas =
    Quotas { owned: None, open_events: None, invites_of_organization: None, invites_to_address: None };
const OF_ORGANIZATION: Quotas = Quotas { invites_of_organization: Some(2), ..ANY };
const TO_ADDRESS: Quotas = Quotas { invites_to_address: Some(2), ..ANY };

/// A unit so many seconds after the beginning.
async fn unit(kit: &Kit, quotas: Quotas, seconds: i64) -> UnitOfWork {
    units(&kit.store).with_quotas(quotas).begin(by(at(seconds))).await.expect("a unit")
}

async fn invite(
    kit: &Kit,
    quotas: Quotas,
    organization: OrganizationId,
    name: &str,
    seconds: i64,
) -> Result<InviteId, Error> {
    let id = kit.ids.invite();
    let invite = NewInvite {
        id,
        organization,
        email: format!("{name}@example.org"),
        user: None,
        role: Role::User,
        invited_by: kit.organizer,
        token_hash: format!("hash of {id}"),
        message: None,
        expires_at: at(seconds) + LIFETIME,
    };
    let mut unit = unit(kit, quotas, seconds).await;
    send(&mut unit, &invite, TOKEN.to_owned()).await?;
    unit.commit().await?;
    Ok(id)
}

/// The members of a refusal because of a quota.
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(&'static str, Value)> {
    let error = result.expect_err("refused");
    assert_eq!(error.code, ErrorCode::QuotaExceeded, "{error:?}");
    error.members
}

/// Organizations, each with a founder of its own.
async fn organizations(kit: &Kit, count: usize) -> Vec<OrganizationId> {
    let mut organizations = Vec::new();
    for number in 0..count {
        let organization = kit.ids.organization();
        let founder = new_user(kit.ids.user(), &format!("founder{number}"));
        let own = Some((organization, format!("org{number}"), format!("org{number}.org")));
        kit.rules().create_user(&founder, own, &by(at(0))).await.expect("a user");
        organizations.push(organization);
    }
    organizations
}

#[tokio::test]
async fn an_organization_has_so_many_open_invites() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let (here, full) = (kit.organization, vec![("count", Value::from(2)), ("limit", Value::from(2))]);
        let ada = invite(&kit, OF_ORGANIZATION, here, "ada", 1).await.expect("the first");
        invite(&kit, OF_ORGANIZATION, here, "ben", 1).await.expect("the second");
        assert_eq!(refused(invite(&kit, OF_ORGANIZATION, here, "cleo", 2).await), full);
        let twice = invite(&kit, OF_ORGANIZATION, here, "ben", 2).await.expect_err("invited already");
        assert_eq!(twice.code, ErrorCode::InvitePending);
        let elsewhere = organizations(&kit, 1).await[0];
        invite(&kit, OF_ORGANIZATION, elsewhere, "cleo", 2).await.expect("of another organization");
        assert!(kit.revoke_invite(ada, &by(at(3))).await.expect("revoked"));
        invite(&kit, OF_ORGANIZATION, here, "cleo", 4).await.expect("one is open");
        invite(&kit, ANY, here, "dora", 5).await.expect("any number");
    })
    .await;
}

#[tokio::test]
async fn what_expired_counts_no_more_until_it_is_sent_again() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let here = kit.organization;
        let ada = invite(&kit, OF_ORGANIZATION, here, "ada", 1).await.expect("the first");
        let ben = invite(&kit, OF_ORGANIZATION, here, "ben", 4_000).await.expect("the second");
        let later = 2 + LIFETIME.num_seconds();
        invite(&kit, OF_ORGANIZATION, here, "cleo", later).await.expect("the first has expired");
        let mut again = unit(&kit, OF_ORGANIZATION, later).await;
        assert_eq!(refused(resend(&mut again, ada, TOKEN.to_owned()).await).len(), 2);
        resend(&mut again, ben, TOKEN.to_owned()).await.expect("one that is open counts already");
    })
    .await;
}

#[tokio::test]
async fn an_address_has_so_many_open_invites() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = kit.person("ada").await;
        let others = organizations(&kit, 3).await;
        let first = invite(&kit, TO_ADDRESS, kit.organization, "ada", 1).await.expect("the first");
        invite(&kit, TO_ADDRESS, others[0], "ada", 1).await.expect("the second");
        let members = refused(invite(&kit, TO_ADDRESS, others[1], "ada", 2).await);
        assert_eq!(members, [], "how many others invited it is not for the sender to know");
        invite(&kit, TO_ADDRESS, others[1], "ben", 2).await.expect("another address");
        assert!(kit.reject_invite(first, ada, &by(at(3))).await.expect("rejected"));
        invite(&kit, TO_ADDRESS, others[1], "ada", 4).await.expect("one is open");
        refused(invite(&kit, TO_ADDRESS, others[2], "ada", 5).await);
        invite(&kit, ANY, others[2], "ada", 6).await.expect("any number");
    })
    .await;
}

#[tokio::test]
async fn what_reaches_nobody_fills_no_address() {
    in_memory(async |db: TestStore| {
        let kit = Kit::new(db).await;
        let ada = kit.person("ada").await;
        let others = organizations(&kit, 3).await;
        invite(&kit, TO_ADDRESS, kit.organization, "ada", 1).await.expect("the first");
        invite(&kit, TO_ADDRESS, others[0], "ada", 1).await.expect("the second");
        refused(invite(&kit, TO_ADDRESS, others[1], "ada", 2).await);
        kit.block_invites(ada, &by(at(3))).await.expect("blocked");
        invite(&kit, TO_ADDRESS, others[1], "ada", 4).await.expect("one is kept from her");
        refused(invite(&kit, TO_ADDRESS, others[2], "ada", 5).await);
        kit.rules().delete_organization(others[0], None, &by(at(6))).await.expect("deleted");
        invite(&kit, TO_ADDRESS, others[2], "ada", 7).await.expect("an organization is gone");
    })
    .await;
}
