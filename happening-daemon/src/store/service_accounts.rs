//! Service accounts: clients of the issuer that act by themselves. One user row each, known by the client's id, with a
//! membership in every organization that it was mapped into. Its `sub` is not known before its first token.

use super::{Actor, StoreError};
use async_trait::async_trait;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{ServiceAccount, User};

/// A client to map into an organization.
#[derive(Debug, Clone, Copy)]
pub struct NewServiceAccount<'a> {
    /// The client's id at the issuer.
    pub client_id: &'a str,
    /// The user's id, unless the client has one already.
    pub user: UserId,
    /// The user's username, unless it has one; a taken one is a [`super::Constraint::Username`] conflict.
    pub username: &'a str,
}

/// The service accounts' side of the store.
#[async_trait]
pub trait ServiceAccounts: Send + Sync {
    /// The user that a client is.
    async fn find_service_account(&self, client_id: &str) -> Result<Option<User>, StoreError>;

    /// The `sub` that a client's tokens carry: known at its first token, and another one if the client was made anew.
    async fn recognize_service_account(
        &self,
        user: UserId,
        client_id: &str,
        subject: &str,
        by: &Actor,
    ) -> Result<(), StoreError>;

    /// Service accounts of an organization and those that have not accepted yet, by client id.
    async fn list_service_accounts(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<ServiceAccount>, StoreError>;

    /// The user that a client is; it gets one if it has none. `organization` is where that is asked for.
    async fn ensure_service_account(
        &self,
        organization: OrganizationId,
        account: NewServiceAccount<'_>,
        by: &Actor,
    ) -> Result<UserId, StoreError>;
}
