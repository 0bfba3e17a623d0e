//! Device codes that wait for somebody's approval (RFC 8628): a table, and what may happen to an entry. Knows no HTTP.
//!
//! Bounded in every direction: so many codes at once, so many guesses a minute at the short code that people type, so
//! many wrong passwords for one.

use super::clients::Client;
use super::error::OAuthError;
use super::scope::Scope;
use crate::identity::DemoPerson;
use crate::random;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub const LIFESPAN: TimeDelta = TimeDelta::seconds(600);
/// Seconds between polls: short, as somebody at their own machine waits for it.
pub const INTERVAL: i64 = 1;
pub const NOT_ALLOWED: OAuthError = OAuthError::unauthorized_client(
    "Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client.",
);
const NOT_VALID: OAuthError = OAuthError::invalid_grant("Device code not valid");

/// A client that sleeps exactly the interval must not be answered `slow_down` because its timer ran a little fast.
const INTERVAL_WITH_TOLERANCE: TimeDelta = TimeDelta::milliseconds(800);
/// How long an expired code is still distinguished from one that never was.
const AFTERLIFE: TimeDelta = TimeDelta::seconds(60);
/// Sign-ins of one client that wait at once. One more, and the oldest undecided one goes: a newcomer is never refused, so
/// a flood of them keeps people from signing in only while it lasts.
const MAX_WAITING: usize = 1_000;
/// Wrong codes that are answered in a minute. A right one is answered always: all who sign in here share one machine, and
/// one of them who guesses must not keep the others out.
const WRONG_CODES_PER_MINUTE: u32 = 30;
const WRONG_PASSWORDS: u32 = 10;

/// A sign-in that waits for approval.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub user_code: String,
    pub client: &'static Client,
    scope: Scope,
    /// RFC 7636, `S256`.
    challenge: Option<String>,
    expires_at: DateTime<Utc>,
    polled_at: Option<DateTime<Utc>>,
    wrong_passwords: u32,
    decision: Option<Decision>,
    /// Rises with each sign-in that begins.
    number: u64,
}

#[derive(Debug, Clone, Copy)]
pub enum Decision {
    Approved(&'static DemoPerson),
    Denied,
}

/// What an approved code was exchanged for.
#[derive(Debug)]
pub struct Redeemed {
    pub person: &'static DemoPerson,
    pub scope: Scope,
}

/// Why the approval page has nothing to approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCode {
    /// Never was, has expired, or is decided.
    Unknown,
    /// Too many wrong ones in this minute.
    TooManyGuesses,
}

/// All that wait.
#[derive(Default)]
pub struct DeviceCodes {
    waiting: HashMap<String, Waiting>,
    started: u64,
    guesses: u32,
    guesses_since: Option<DateTime<Utc>>,
}

impl DeviceCodes {
    /// A new one: its device code and its user code.
    pub fn start(
        &mut self,
        client: &'static Client,
        scope: Scope,
        challenge: Option<String>,
        now: DateTime<Utc>,
    ) -> (String, String) {
        self.waiting.retain(|_, one| now < one.expires_at + AFTERLIFE);
        self.make_room(client);
        self.started += 1;
        let mut user_code = random::user_code();
        while self.waiting.values().any(|one| one.user_code == user_code) {
            user_code = random::user_code();
        }
        let device_code = random::secret();
        let waiting = Waiting {
            user_code: user_code.clone(),
            client,
            scope,
            challenge,
            expires_at: now + LIFESPAN,
            polled_at: None,
            wrong_passwords: 0,
            decision: None,
            number: self.started,
        };
        self.waiting.insert(device_code.clone(), waiting);
        (device_code, user_code)
    }

    /// Where a client has as many as it may, the oldest one that nobody has decided goes, or else the oldest.
    fn make_room(&mut self, client: &Client) {
        let of_client = || self.waiting.iter().filter(|(_, one)| one.client.id == client.id);
        if of_client().count() < MAX_WAITING {
            return;
        }
        let oldest = of_client().min_by_key(|(_, one)| (one.decision.is_some(), one.number));
        if let Some(code) = oldest.map(|(code, _)| code.clone()) {
            self.waiting.remove(&code);
        }
    }

    /// A poll. RFC 8628, section 3.5; in Keycloak's order of checks. An approved code is good once.
    pub fn redeem(
        &mut self,
        device_code: &str,
        client: &str,
        verifier: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Redeemed, OAuthError> {
        let waiting = self.waiting.get_mut(device_code).ok_or(NOT_VALID)?;
        if waiting.client.id != client {
            return Err(OAuthError::invalid_grant("unauthorized client"));
        }
        if now >= waiting.expires_at + AFTERLIFE {
            return Err(NOT_VALID);
        }
        if now >= waiting.expires_at {
            return Err(OAuthError::EXPIRED_TOKEN);
        }
        waiting.poll(now)?;
        let person = match waiting.decision {
            None => return Err(OAuthError::AUTHORIZATION_PENDING),
            Some(Decision::Denied) => return Err(OAuthError::ACCESS_DENIED),
            Some(Decision::Approved(person)) => person,
        };
        waiting.check_verifier(verifier)?;
        let redeemed = Redeemed { person, scope: waiting.scope.clone() };
        self.waiting.remove(device_code);
        Ok(redeemed)
    }

    /// What waits under a code that somebody typed: case, dashes and blanks do not matter.
    pub fn find(&mut self, typed: &str, now: DateTime<Utc>) -> Result<&mut Waiting, NoCode> {
        if self.guesses_since.is_none_or(|since| since > now || now - since >= TimeDelta::minutes(1)) {
            self.guesses_since = Some(now);
            self.guesses = 0;
        }
        let letters = |code: &str| -> String {
            code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
        };
        let typed = letters(typed);
        let matches = |one: &&mut Waiting| {
            letters(&one.user_code) == typed && one.decision.is_none() && now < one.expires_at
        };
        let found = self.waiting.values_mut().find(matches);
        found.ok_or_else(|| {
            self.guesses = self.guesses.saturating_add(1);
            if self.guesses > WRONG_CODES_PER_MINUTE { NoCode::TooManyGuesses } else { NoCode::Unknown }
        })
    }
}

impl Waiting {
    pub fn decide(&mut self, decision: Decision) {
        self.decision = Some(decision);
    }

    /// After too many, the code is as good as denied.
    pub fn count_wrong_password(&mut self) {
        self.wrong_passwords += 1;
        if self.wrong_passwords >= WRONG_PASSWORDS {
            self.decide(Decision::Denied);
        }
    }

    /// Counted from the last poll that was not too soon, so that a hasty client still gets its answer now and then. A
    /// clock that was set back does not count.
    fn poll(&mut self, now: DateTime<Utc>) -> Result<(), OAuthError> {
        if self.polled_at.is_some_and(|last| last <= now && now - last < INTERVAL_WITH_TOLERANCE) {
            return Err(OAuthError::SLOW_DOWN);
        }
        self.polled_at = Some(now);
        Ok(())
    }

    /// Optional, as in Keycloak; once a challenge was sent, its verifier is demanded, and the code survives a wrong one.
    fn check_verifier(&self, verifier: Option<&str>) -> Result<(), OAuthError> {
        let Some(challenge) = &self.challenge else {
            return Ok(());
        };
        let verifier = verifier.ok_or(OAuthError::invalid_grant("PKCE code verifier not specified"))?;
        if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == *challenge {
            Ok(())
        } else {
            Err(OAuthError::invalid_grant("PKCE verification failed"))
        }
    }
}
