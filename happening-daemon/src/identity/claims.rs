//! What a verified token says of the caller, and the checks on what it says.
//!
//! The checks are here and not in the JWT library because time is an argument in this project, and because what makes a
//! Keycloak token an *access* token (`typ`) is not part of any standard check.

use super::rejection::Rejection;
use chrono::{DateTime, TimeDelta, Utc};
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// How far the issuer's clock may be ahead of ours. Not granted to `exp`: an expired token is an expired token.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(30);

/// OIDC Core 1.0, section 2: `sub` has at most 255 characters.
const MAX_SUBJECT: usize = 255;

const OPERATOR: &str = "happening-operator";
/// How Keycloak's usernames of service accounts begin; the client's id follows.
const SERVICE_ACCOUNT: &str = "service-account-";

const SUPPORT: &str = "happening-support";

/// What a verified token says of the caller. `issuer` and `subject` together are who they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claims {
    /// `iss`.
    pub issuer: String,
    /// `sub`: stable for this issuer.
    pub subject: String,
    /// `preferred_username`.
    pub username: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `email_verified`; false unless the issuer says so, or its addresses are trusted anyway ([`Policy`]).
    pub email_verified: bool,
    /// `given_name`.
    pub first_name: Option<String>,
    /// `family_name`.
    pub last_name: Option<String>,
    /// `azp`: the client that the token was issued to.
    pub client: Option<String>,
    /// The client that acts by itself in this token: a service account, no person.
    pub service_client: Option<String>,
    /// Of `realm_access.roles`, those that mean something here.
    pub realm_roles: RealmRoles,
    /// `iat`.
    pub issued_at: Option<DateTime<Utc>>,
    /// `exp`.
    pub expires_at: DateTime<Utc>,
}

/// The realm roles that mean something here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RealmRoles {
    /// `happening-operator`: everything.
    pub operator: bool,
    /// `happening-support`: read everything, act on bookings.
    pub support: bool,
}

/// What a token must satisfy.
#[derive(Debug)]
pub struct Policy {
    /// The only `iss`.
    pub issuer: String,
    /// What `aud` must contain.
    pub audience: String,
    /// Clients (`azp`) whose tokens are taken without the audience.
    pub trusted_clients: Vec<String>,
    /// Whether every address counts as verified: for issuers that verify none, or all and do not say so.
    pub trust_unverified_email: bool,
}

/// The claims as they are signed. What decides is typed strictly (`exp` as text is refused); what merely describes is
/// read leniently, since issuers differ and a strange name is no reason to turn somebody away.
#[derive(Deserialize)]
pub struct SignedClaims {
    iss: String,
    sub: String,
    #[serde(deserialize_with = "numeric_date")]
    exp: DateTime<Utc>,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    nbf: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    iat: Option<DateTime<Utc>>,
    aud: Option<Audience>,
    typ: Option<String>,
    azp: Option<String>,
    sid: Option<IgnoredAny>,
    at_hash: Option<IgnoredAny>,
    c_hash: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "lenient_text")]
    preferred_username: Option<String>,
    #[serde(default, deserialize_with = "lenient_text")]
    email: Option<String>,
    #[serde(default)]
    email_verified: Value,
    #[serde(default, deserialize_with = "lenient_text")]
    given_name: Option<String>,
    #[serde(default, deserialize_with = "lenient_text")]
    family_name: Option<String>,
    #[serde(default)]
    realm_access: Value,
}

/// RFC 7519, section 4.1.3: an array, or a plain string when there is only one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn names(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

impl SignedClaims {
    /// Checks everything but the signature. `typed_header` says that the header called it an access token (RFC 9068).
    pub fn accept(
        self,
        policy: &Policy,
        typed_header: bool,
        now: DateTime<Utc>,
    ) -> Result<Claims, Rejection> {
        if self.iss != policy.issuer {
            return Err(Rejection::WrongIssuer);
        }
        self.check_type()?;
        if self.sub.is_empty() || self.sub.len() > MAX_SUBJECT {
            return Err(Rejection::Malformed);
        }
        if self.exp <= now {
            return Err(Rejection::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf > now + CLOCK_SKEW) {
            return Err(Rejection::NotYetValid);
        }
        self.check_audience(policy, typed_header)?;
        Ok(self.into_claims(policy))
    }

    /// Keycloak tells its tokens apart by `typ`: `Bearer`, `ID`, `Refresh`, `Offline`, `DPoP`. Where an issuer has no
    /// `typ`, the hashes that only an ID token carries (OIDC Core 1.0, sections 3.1.3.6 and 3.3.2.11) tell.
    fn check_type(&self) -> Result<(), Rejection> {
        match self.typ.as_deref() {
            Some("Bearer") => Ok(()),
            Some(_) => Err(Rejection::WrongType),
            None if self.at_hash.is_some() || self.c_hash.is_some() => Err(Rejection::WrongType),
            None => Ok(()),
        }
    }

    /// A trusted client's token is taken without the audience only if it says itself that it is an access token: an ID
    /// token's audience is always its client, so that nothing else would tell the two apart.
    fn check_audience(&self, policy: &Policy, typed_header: bool) -> Result<(), Rejection> {
        if self.aud.as_ref().is_some_and(|aud| aud.names(&policy.audience)) {
            return Ok(());
        }
        let client = self.azp.as_deref();
        let says_what_it_is = self.typ.is_some() || typed_header;
        if says_what_it_is && client.is_some_and(|azp| policy.trusted_clients.iter().any(|one| one == azp)) {
            return Ok(());
        }
        Err(Rejection::wrong_audience(&policy.audience, client))
    }

    /// The client of a service account. Keycloak names its user after the client (in lower case), gives it no address and
    /// its tokens no session. All three must hold: a person may sign up with any username, but not without the others.
    fn service_client(&self) -> Option<&str> {
        let client = self.azp.as_deref()?;
        let name = self.preferred_username.as_deref()?.strip_prefix(SERVICE_ACCOUNT)?;
        let is_service = name.eq_ignore_ascii_case(client) && self.sid.is_none() && self.email.is_none();
        is_service.then_some(client)
    }

    fn into_claims(self, policy: &Policy) -> Claims {
        let roles = self.realm_access.get("roles").and_then(Value::as_array);
        let has = |role: &str| roles.is_some_and(|roles| roles.iter().any(|one| one == role));
        Claims {
            service_client: self.service_client().map(ToOwned::to_owned),
            realm_roles: RealmRoles { operator: has(OPERATOR), support: has(SUPPORT) },
            issuer: self.iss,
            subject: self.sub,
            username: self.preferred_username,
            email: self.email,
            email_verified: policy.trust_unverified_email || self.email_verified == Value::Bool(true),
            first_name: self.given_name,
            last_name: self.family_name,
            client: self.azp,
            issued_at: self.iat,
            expires_at: self.exp,
        }
    }
}

/// RFC 7519, section 2: seconds since 1970, a JSON number, possibly with a fraction (which is dropped).
fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is out of range saturates, and is no date then"
    )]
    let seconds = number.as_i64().or_else(|| number.as_f64().map(|float| float as i64));
    seconds
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .ok_or_else(|| D::Error::custom("not a date"))
}

fn optional_numeric_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    numeric_date(deserializer).map(Some)
}

fn lenient_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    })
}
