//! Rules in units of their own, for tests on a store.

use super::Error;
use super::access::PeopleCache;
use super::consent::{self, Offer};
use super::invites::rules as invites;
use super::unit_of_work::{Effects, UnitOfWork, Units};
use crate::live::Live;
use crate::store::contract::kit::Kit;
use crate::store::{Actor, NewInvite, Store};
use happening_core::id::{InviteId, UserId};
use happening_core::wire::ErrorCode;
use std::sync::Arc;

/// The token of every invite that is made here.
pub(crate) const TOKEN: &str = "a token";

/// Units on a store, whose effects reach nobody.
pub(crate) fn units(store: &Arc<dyn Store>) -> Units {
    let effects = Effects { people: PeopleCache::default(), live: Live::silent(false), keycloak: None };
    Units::new(Arc::clone(store), effects)
}

/// False if it was refused because there is no such thing.
fn found<T>(result: Result<T, Error>) -> Result<bool, Error> {
    match result {
        Ok(_) => Ok(true),
        Err(error) if error.code == ErrorCode::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

impl Kit {
    pub(crate) async fn begin(&self, by: &Actor) -> UnitOfWork {
        units(&self.store).begin(by.clone()).await.expect("a unit")
    }

    pub(crate) async fn create_invite(&self, invite: &NewInvite, by: &Actor) -> Result<(), Error> {
        let mut unit = self.begin(by).await;
        invites::send(&mut unit, invite, TOKEN.to_owned()).await?;
        unit.commit().await
    }

    /// Whether the user is a member by it.
    pub(crate) async fn accept_invite(
        &self,
        invite: InviteId,
        user: UserId,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let accepted = found(invites::accept(&mut unit, invite, user).await)?;
        if accepted {
            unit.commit().await?;
        }
        Ok(accepted)
    }

    /// Whether the user rejected it.
    pub(crate) async fn reject_invite(
        &self,
        invite: InviteId,
        user: UserId,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let rejected = invites::reject(&mut unit, invite, user, false).await?;
        unit.commit().await?;
        Ok(rejected.is_some())
    }

    /// Whether there was an invite to revoke.
    pub(crate) async fn revoke_invite(&self, invite: InviteId, by: &Actor) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let revoked = found(invites::revoke(&mut unit, invite).await)?;
        if revoked {
            unit.commit().await?;
        }
        Ok(revoked)
    }

    /// Whether there was an invite to send again.
    pub(crate) async fn resend_invite(
        &self,
        invite: InviteId,
        token: &str,
        by: &Actor,
    ) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let sent = found(invites::resend(&mut unit, invite, token.to_owned()).await)?;
        if sent {
            unit.commit().await?;
        }
        Ok(sent)
    }

    pub(crate) async fn block_invites(&self, user: UserId, by: &Actor) -> Result<(), Error> {
        let mut unit = self.begin(by).await;
        unit.insert_invite_block(user, self.organization).await?;
        unit.commit().await
    }

    /// Whether there was a block to end.
    pub(crate) async fn unblock_invites(&self, user: UserId, by: &Actor) -> Result<bool, Error> {
        let mut unit = self.begin(by).await;
        let unblocked = unit.delete_invite_block(user, self.organization).await?;
        unit.commit().await?;
        Ok(unblocked)
    }

    pub(crate) async fn offer_organization(&self, offer: &NewInvite, heir: UserId, by: &Actor) -> Transfer {
        let mut unit = self.begin(by).await;
        let offered = consent::offer_organization(&mut unit, offer, heir, TOKEN.to_owned()).await;
        let outcome = match offered {
            Ok(Offer::Made(_)) => Transfer::Made,
            Ok(Offer::Open) => Transfer::Offered,
            Ok(Offer::NotNeeded) => Transfer::Done,
            Err(error) => return Transfer::refused(&error),
        };
        unit.commit().await.expect("a commit");
        outcome
    }

    /// Hands the organization over; with `owner` only if it is theirs.
    pub(crate) async fn hand_over(&self, owner: Option<UserId>, heir: UserId, by: &Actor) -> Transfer {
        let mut unit = self.begin(by).await;
        let done = consent::hand_over(&mut unit, self.organization, owner, heir).await;
        if let Err(error) = done {
            return Transfer::refused(&error);
        }
        unit.commit().await.expect("a commit");
        Transfer::Done
    }
}

/// What became of a transfer of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// It is the heir's.
    Done,
    /// It is offered to the heir.
    Made,
    /// It was offered to the heir before.
    Offered,
    NotTheirs,
    NoMember,
}

impl Transfer {
    fn refused(error: &Error) -> Self {
        match error.code {
            ErrorCode::Forbidden => Self::NotTheirs,
            ErrorCode::ValidationFailed => Self::NoMember,
            _ => panic!("{error:?}"),
        }
    }
}
