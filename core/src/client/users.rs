//! `/users`.

use super::{Client, ClientError};
use crate::wire::{CreateUser, SignedUp, User};

impl Client {
    /// The user with this `sub` at the issuer, with memberships.
    pub async fn user_by_subject(&self, subject: &str) -> Result<Option<User>, ClientError> {
        let users: Vec<User> = self.get_with("/users", &[("keycloak_id", subject)]).await?;
        Ok(users.into_iter().next())
    }

    /// Users whose username or e-mail address contains `text`.
    pub async fn search_users(&self, text: &str) -> Result<Vec<User>, ClientError> {
        self.get_with("/users", &[("search", text)]).await
    }

    /// The first sign-in; harmless the second time.
    pub async fn sign_up(&self, create: &CreateUser) -> Result<SignedUp, ClientError> {
        self.post("/users", create).await
    }
}
