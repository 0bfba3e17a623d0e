//! Tokens, how long they are good for, and what an access token says of its bearer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use oauth2::TokenResponse;
use oauth2::basic::BasicTokenResponse;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::time::Duration;

/// Renewed this long before it expires, so that no request is under way with a token that dies meanwhile.
const EARLY: TimeDelta = TimeDelta::seconds(60);

/// If the issuer does not say how long a token lives (RFC 6749 only recommends it): what ours say by default.
const DEFAULT_LIFE: Duration = Duration::from_mins(5);

/// An access token and when to have the next one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// The token itself: a secret.
    pub token: String,
    /// When the daemon stops taking it.
    pub expires_at: DateTime<Utc>,
    /// When to renew it: 60 s earlier, or at half its life if that is short.
    pub renew_at: DateTime<Utc>,
}

impl AccessToken {
    /// A token that was asked for at `asked_at` and lives for `life` from then on.
    pub fn new(token: String, asked_at: DateTime<Utc>, life: Duration) -> Self {
        // A life beyond the calendar is a life without end.
        let life = TimeDelta::from_std(life).unwrap_or(TimeDelta::MAX);
        let expires_at = asked_at.checked_add_signed(life).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self { token, expires_at, renew_at: expires_at - EARLY.min((expires_at - asked_at) / 2) }
    }

    /// Good, and need not be renewed yet.
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now < self.renew_at
    }

    /// Good, if only just.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What a sign-in or a refresh yields.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// For the daemon.
    pub access: AccessToken,
    /// For the issuer, to get the next ones: a secret. Service accounts have none.
    pub refresh_token: Option<String>,
}

impl Tokens {
    pub(super) fn of(response: &BasicTokenResponse, asked_at: DateTime<Utc>) -> Self {
        let life = response.expires_in().unwrap_or(DEFAULT_LIFE);
        Self {
            access: AccessToken::new(response.access_token().secret().clone(), asked_at, life),
            refresh_token: response.refresh_token().map(|token| token.secret().clone()),
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("access", &self.access).finish_non_exhaustive()
    }
}

/// What an access token says of its bearer. Read, not verified: that is the daemon's business, and it believes nothing of
/// what we conclude from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who, at the issuer.
    pub sub: String,
    /// The issuer.
    #[serde(default)]
    pub iss: Option<String>,
    /// For whom the token is meant.
    #[serde(default, deserialize_with = "one_or_many")]
    pub aud: Vec<String>,
    /// The username there.
    #[serde(default)]
    pub preferred_username: Option<String>,
    /// The e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// First name.
    #[serde(default)]
    pub given_name: Option<String>,
    /// Last name.
    #[serde(default)]
    pub family_name: Option<String>,
    /// When the token expires, in seconds since 1970.
    #[serde(default)]
    pub exp: Option<i64>,
    /// Roles of the realm, as Keycloak spells them.
    #[serde(default)]
    pub realm_access: RealmAccess,
}

/// `aud` is a string or an array of them (RFC 7519, section 4.1.3).
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Audience::deserialize(deserializer)? {
        Audience::One(one) => vec![one],
        Audience::Many(many) => many,
    })
}

/// `realm_access` in a token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RealmAccess {
    /// Names of roles.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl Claims {
    /// The claims of a JWT; `None` for a token that is none.
    pub fn of(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
        let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&payload).ok()
    }

    /// The client that the token is of, if it is a service account's: Keycloak names its user after it, in lower case, and
    /// gives it no address.
    pub fn service_account(&self) -> Option<&str> {
        let client = self.preferred_username.as_deref()?.strip_prefix("service-account-")?;
        self.email.is_none().then_some(client)
    }

    /// When the token expires.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.exp?, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn living(seconds: u64) -> AccessToken {
        AccessToken::new("secret".into(), at(0), Duration::from_secs(seconds))
    }

    #[test]
    fn is_renewed_sixty_seconds_early() {
        let token = living(300);
        assert!(token.is_fresh(at(239)));
        assert!(!token.is_fresh(at(240)));
        assert!(token.is_valid(at(299)));
        assert!(!token.is_valid(at(300)));
    }

    #[test]
    fn a_short_life_is_used_to_its_half() {
        let token = living(10);
        assert!(token.is_fresh(at(4)));
        assert!(!token.is_fresh(at(5)));
        assert!(!living(0).is_valid(at(0)));
    }

    #[test]
    fn an_absurd_life_does_not_overflow() {
        assert!(AccessToken::new(String::new(), at(0), Duration::MAX).is_fresh(at(0)));
    }

    #[test]
    fn secrets_do_not_reach_a_log() {
        assert!(!format!("{:?}", living(1)).contains("secret"));
    }

    #[test]
    fn reads_claims_and_survives_what_is_no_token() {
        let payload = r#"{"sub":"s","exp":1800000000,"email":"a@b","aud":"d","realm_access":{"roles":["happening-support"]}}"#;
        let claims = Claims::of(&format!("e30.{}.x", URL_SAFE_NO_PAD.encode(payload))).unwrap();
        assert_eq!(claims.sub, "s");
        assert_eq!(claims.realm_access.roles, ["happening-support"]);
        assert_eq!(claims.aud, ["d"]);
        assert_eq!(claims.expires_at(), Some(at(0)));
        for junk in ["", "a.b", "a.b.c", "..", "e30.e30.", "\u{1b}[2J"] {
            assert_eq!(Claims::of(junk), None, "{junk}");
        }
    }
}
