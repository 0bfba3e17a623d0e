//! Everybody who may come.

use crate::support::Daemon;
use crate::support::people::{self, subject_of};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use happening_core::id::UserId;
use happening_core::wire::CreateUser;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    Nobody,
    Expired,
    WrongAudience,
    /// Signed up, a member of nothing.
    Stranger,
    /// Of *Demo*, as the next two.
    User,
    Organizer,
    OrgAdmin,
    /// Governs another organization.
    OtherOrgAdmin,
    Support,
    Operator,
    /// Organizer of *Demo*.
    ServiceAccount,
}

impl Caller {
    pub const ALL: [Self; 11] = [
        Self::Nobody,
        Self::Expired,
        Self::WrongAudience,
        Self::Stranger,
        Self::User,
        Self::Organizer,
        Self::OrgAdmin,
        Self::OtherOrgAdmin,
        Self::Support,
        Self::Operator,
        Self::ServiceAccount,
    ];

    /// Who is turned away before anybody looks at what they want.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::Nobody | Self::Expired | Self::WrongAudience)
    }

    /// Where a row has its status, among those who are not turned away.
    pub fn column(self) -> usize {
        Self::ALL.iter().filter(|caller| !caller.is_refused()).position(|one| *one == self).expect("a column")
    }
}

/// Somebody with a token.
pub struct Person {
    pub token: String,
    pub subject: String,
    pub user: Option<UserId>,
}

/// Signs everybody in; those that the issuer does not know, or would not sign in like this, have tokens that are signed with
/// its key.
pub async fn everybody(daemon: &Daemon) -> HashMap<Caller, Person> {
    let mut known = HashMap::new();
    let demo = [
        (Caller::Stranger, "guest"),
        (Caller::User, "member"),
        (Caller::Organizer, "organizer"),
        (Caller::OrgAdmin, "admin"),
        (Caller::Support, "support"),
        (Caller::Operator, "operator"),
    ];
    for (caller, name) in demo {
        let signed = people::sign_in(daemon, name).await;
        known.insert(caller, Person { token: signed.token, subject: signed.subject, user: signed.user });
    }
    let mint = Mint::of(daemon, &known[&Caller::OrgAdmin].token);
    known.insert(Caller::Expired, person(mint.with(&[("exp", json!(1_000_000_000))])));
    known.insert(Caller::WrongAudience, person(mint.with(&[("aud", json!("account"))])));
    let other = mint.with(&[
        ("sub", json!("00000000-0000-4000-8000-0000000000aa")),
        ("email", json!("other@elsewhere.test")),
        ("preferred_username", json!("other")),
        ("given_name", json!("Otherly")),
    ]);
    known.insert(Caller::OtherOrgAdmin, signed_up(daemon, person(other), "other@elsewhere.test").await);
    let service = mint.with(&[
        ("sub", json!("00000000-0000-4000-8000-0000000000bb")),
        ("email", Value::Null),
        ("sid", Value::Null),
        ("azp", json!("happening-ci")),
        ("preferred_username", json!("service-account-happening-ci")),
    ]);
    known.insert(Caller::ServiceAccount, person(service));
    known
}

fn person(token: String) -> Person {
    Person { subject: subject_of(&token), token, user: None }
}

/// Somebody else whom nobody knows, signed up. `like` is any good token of the daemon's issuer.
pub async fn newcomer(daemon: &Daemon, like: &str, number: u32) -> Person {
    let email = format!("newcomer-{number}@elsewhere.test");
    let token = Mint::of(daemon, like).with(&[
        ("sub", json!(happening_daemon::ids::Ids::default().uuid())),
        ("email", json!(email)),
        ("preferred_username", json!(format!("newcomer-{number}"))),
    ]);
    signed_up(daemon, person(token), &email).await
}

async fn signed_up(daemon: &Daemon, person: Person, email: &str) -> Person {
    let create = CreateUser {
        keycloak_id: person.subject.clone(),
        email: email.to_owned(),
        first_name: None,
        last_name: None,
        username: None,
        phone: None,
        avatar_url: None,
        role: None,
    };
    let user = daemon.client(person.token.clone()).sign_up(&create).await.expect("signed up").user_id;
    Person { user: Some(user), ..person }
}

/// Signs tokens as the daemon's built-in issuer does.
struct Mint {
    header: Header,
    claims: Value,
    key: EncodingKey,
}

impl Mint {
    fn of(daemon: &Daemon, like: &str) -> Self {
        let pem = std::fs::read(daemon.directory().join("issuer-key.pem")).expect("the issuer's key");
        let payload = like.split('.').nth(1).expect("a JWT");
        let claims = URL_SAFE_NO_PAD.decode(payload).expect("base64");
        Self {
            header: jsonwebtoken::decode_header(like).expect("a header"),
            claims: serde_json::from_slice(&claims).expect("claims"),
            key: EncodingKey::from_rsa_pem(&pem).expect("an RSA key"),
        }
    }

    /// With these claims instead; null is without.
    fn with(&self, changes: &[(&str, Value)]) -> String {
        let mut claims = self.claims.as_object().expect("claims").clone();
        for (name, value) in changes {
            match value {
                Value::Null => claims.remove(*name),
                value => claims.insert((*name).to_owned(), value.clone()),
            };
        }
        jsonwebtoken::encode(&self.header, &claims, &self.key).expect("a token")
    }
}
