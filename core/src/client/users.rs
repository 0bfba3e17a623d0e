//! `/users`.

use super::{Client, ClientError, Page};
use crate::id::UserId;
use crate::wire::{
    CreateUser, Done, EraseUser, FoundUser, PersonalData, SetUserStatus, SignedUp, UpdateUser, User,
    UserStatus, UsersQuery,
};

impl Client {
    /// The user with this `sub` at the issuer, with memberships.
    pub async fn user_by_subject(&self, subject: &str) -> Result<Option<User>, ClientError> {
        let users: Vec<User> = self.get_with("/users", &[("keycloak_id", subject)]).await?;
        Ok(users.into_iter().next())
    }

    /// People whom the caller finds by `text`: those of the caller's organizations by a part of their username or e-mail
    /// address, anybody else by all of it.
    pub async fn search_users(&self, text: &str) -> Result<Vec<FoundUser>, ClientError> {
        let query = UsersQuery { search: Some(text.to_owned()), ..UsersQuery::default() };
        self.users(&query).await
    }

    /// Users whose whole username or e-mail address is `name`, in any capitals: one, unless several have the address. No
    /// name has a comma in it.
    pub async fn users_called(&self, name: &str) -> Result<Vec<FoundUser>, ClientError> {
        if name.is_empty() || name.contains(',') {
            return Ok(Vec::new());
        }
        self.users(&UsersQuery { names: Some(name.to_owned()), ..UsersQuery::default() }).await
    }

    /// Users, as far as the caller may see them.
    pub async fn users(&self, query: &UsersQuery) -> Result<Vec<FoundUser>, ClientError> {
        self.get_with("/users", query).await
    }

    /// The same in pages.
    pub async fn find_users(&self, query: &UsersQuery) -> Result<Page<FoundUser>, ClientError> {
        self.get_page("/users", query).await
    }

    /// One user.
    pub async fn user(&self, user: UserId) -> Result<User, ClientError> {
        self.get(&format!("/users/{user}")).await
    }

    /// The first sign-in; harmless the second time.
    pub async fn sign_up(&self, create: &CreateUser) -> Result<SignedUp, ClientError> {
        self.post("/users", create).await
    }

    /// Changes what the issuer does not know of oneself.
    pub async fn update_user(&self, user: UserId, update: &UpdateUser) -> Result<User, ClientError> {
        self.put(&format!("/users/{user}"), update).await
    }

    /// Suspends somebody, or lets them act again.
    pub async fn set_user_status(&self, user: UserId, status: UserStatus) -> Result<User, ClientError> {
        self.put(&format!("/users/{user}/status"), &SetUserStatus { status }).await
    }

    /// All that is stored about a person.
    pub async fn export_user(&self, user: UserId) -> Result<PersonalData, ClientError> {
        self.get(&format!("/users/{user}/export")).await
    }

    /// Forgets a person. There is no way back.
    pub async fn erase_user(&self, user: UserId, erase: EraseUser) -> Result<Done, ClientError> {
        self.post(&format!("/users/{user}/erase"), &erase).await
    }
}
