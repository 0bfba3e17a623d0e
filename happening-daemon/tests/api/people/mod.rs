//! People: how they come into an organization, what is seen of them, what they may ask for.

mod erasure;
mod invites;
mod sign_up;
mod users;

use crate::support::people::Signed;
use crate::support::refused;
use happening_core::id::UserId;
use happening_core::wire::CreateUser;

/// The id of somebody who is known.
fn id(person: &Signed) -> UserId {
    person.user.expect("a user")
}

/// The first sign-in, as the web client does it.
fn first_sign_in(person: &Signed, email: &str) -> CreateUser {
    CreateUser {
        keycloak_id: person.subject.clone(),
        email: email.to_owned(),
        first_name: None,
        last_name: None,
        username: None,
        phone: None,
        avatar_url: None,
        role: None,
    }
}
