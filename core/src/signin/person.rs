//! The person behind a token, at the daemon.

use super::{Claims, Session};
use crate::client::{Client, ClientError};
use crate::wire::{CreateUser, User};

/// A person who has signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// What the token says.
    pub claims: Claims,
    /// What the daemon says; absent for one it does not know, such as a service account that has no role yet.
    pub user: Option<User>,
    /// The daemon knew them only from now on.
    pub first_sign_in: bool,
}

/// Makes sure that the daemon knows who has signed in, as the web client does with its first page: a person not known yet
/// is created, with an organization of their own.
pub async fn ensure_person(session: &Session, client: &Client) -> Result<Person, ClientError> {
    let claims = session.claims().await?;
    if let Some(user) = client.user_by_subject(&claims.sub).await? {
        return Ok(Person { claims, user: Some(user), first_sign_in: false });
    }
    // Without an address nobody can be invited or notified; issuers give one to people, not to service accounts.
    let Some(email) = claims.email.clone() else {
        return Ok(Person { claims, user: None, first_sign_in: false });
    };
    client
        .sign_up(&CreateUser {
            keycloak_id: claims.sub.clone(),
            email,
            first_name: claims.given_name.clone(),
            last_name: claims.family_name.clone(),
            username: claims.preferred_username.clone(),
            phone: None,
            avatar_url: None,
            role: None,
        })
        .await?;
    let user = client.user_by_subject(&claims.sub).await?;
    Ok(Person { claims, user, first_sign_in: true })
}
