//! The issuer's directory: its accounts, and the organizations that it keeps beside ours.
//!
//! [`Directory`] is what can be read and changed, [`KeycloakDirectory`] says it to Keycloak's admin API. Neither knows what is
//! true here or decides anything: `crate::keycloak` does.
//!
//! To ask for one more thing: a method of the trait, its request in `keycloak.rs`, a rule in `contract.rs`.

#[cfg(test)]
mod contract;
mod error;
mod keycloak;
mod token;

pub use error::DirectoryError;
pub use keycloak::{DirectorySettings, KeycloakDirectory};

use async_trait::async_trait;
use happening_core::id::OrganizationId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The attribute by which one of ours is found there.
pub const HAPPENING_ID: &str = "happening_id";

/// An organization in the directory. What is not known here (domains, a description) is kept as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DirectoryOrganization {
    /// Its id there; given by the directory, so empty before it exists.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Unique there, and case matters.
    pub name: String,
    /// Unique there, and never changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// A disabled one is in nobody's token.
    pub enabled: bool,
    /// Texts by name. An empty list is no attribute.
    #[serde(default)]
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// An account in the directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// A disabled one may not sign in.
    pub enabled: bool,
}

/// Whether there was somebody, and somewhere, for a member to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addition {
    /// A member now, or before.
    Member,
    /// There is no such account, or no such organization.
    Nowhere,
}

/// The issuer's directory. Everything may be done twice.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Whether it answers, and lets us do what we must.
    async fn check(&self) -> Result<(), DirectoryError>;

    /// The organization with this id there.
    async fn find_organization(&self, id: &str) -> Result<Option<DirectoryOrganization>, DirectoryError>;

    /// The organization that says it is this one of ours.
    async fn find_organization_of(
        &self,
        ours: OrganizationId,
    ) -> Result<Option<DirectoryOrganization>, DirectoryError>;

    /// Makes an organization and returns its id. [`DirectoryError::Conflict`] if the name or the alias is taken.
    async fn create_organization(
        &self,
        organization: &DirectoryOrganization,
    ) -> Result<String, DirectoryError>;

    /// Makes an organization equal to this. [`DirectoryError::Conflict`] if the name is taken.
    async fn update_organization(&self, organization: &DirectoryOrganization) -> Result<(), DirectoryError>;

    /// Deletes an organization, if it is there.
    async fn delete_organization(&self, id: &str) -> Result<(), DirectoryError>;

    /// Makes an account a member of an organization.
    async fn add_member(&self, organization: &str, subject: &str) -> Result<Addition, DirectoryError>;

    /// Removes an account from an organization, if both are there.
    async fn remove_member(&self, organization: &str, subject: &str) -> Result<(), DirectoryError>;

    /// The account with this `sub`.
    async fn find_account(&self, subject: &str) -> Result<Option<Account>, DirectoryError>;

    /// Deletes an account, if it is there.
    async fn delete_account(&self, subject: &str) -> Result<(), DirectoryError>;
}
