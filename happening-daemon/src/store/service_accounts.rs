//! Service accounts: clients of the issuer that act by themselves. One user row each, known by the client's id, with a
//! membership in every organization that it was mapped into. Its `sub` is not known before its first token.

use super::StoreError;
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

    /// Service accounts of an organization and those that have not accepted yet, by client id.
    async fn list_service_accounts(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<ServiceAccount>, StoreError>;
}

/// Rows of service accounts in a unit of work.
#[async_trait]
pub trait ServiceAccountRows: Send {
    /// The user that a client is.
    async fn find_client(&mut self, client_id: &str) -> Result<Option<UserId>, StoreError>;

    /// Inserts the user that a client is. [`super::Constraint::ServiceAccount`] if the client has one,
    /// [`super::Constraint::Username`] if another user has the username.
    async fn insert_client(&mut self, account: &NewServiceAccount<'_>) -> Result<(), StoreError>;

    /// Sets the `sub` that a client's tokens carry. False if it was this before, or the user is a person.
    async fn set_client_subject(&mut self, user: UserId, subject: &str) -> Result<bool, StoreError>;

    /// As [`ServiceAccounts::list_service_accounts`].
    async fn list_clients(&mut self, organization: OrganizationId)
    -> Result<Vec<ServiceAccount>, StoreError>;
}
