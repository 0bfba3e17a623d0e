//! Scopes. They change what comes along (an ID token, a refresh token that lasts), never what somebody may do.

use super::error::OAuthError;

pub const SUPPORTED: &[&str] = &["openid", "profile", "email", "offline_access"];

/// Granted whether asked for or not, as Keycloak's default scopes are.
const ALWAYS: &[&str] = &["profile", "email"];

/// A granted scope: words, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(String);

impl Scope {
    /// Of a request. As in Keycloak, an empty `scope=` is wrong, none at all is not.
    pub fn asked(scope: Option<&str>) -> Result<Self, OAuthError> {
        let asked = scope.unwrap_or("profile");
        if asked.trim().is_empty() || !asked.split_whitespace().all(is_supported) {
            return Err(OAuthError::INVALID_SCOPE);
        }
        let mut granted: Vec<&str> = Vec::new();
        for word in asked.split_whitespace().chain(ALWAYS.iter().copied()) {
            if !granted.contains(&word) {
                granted.push(word);
            }
        }
        Ok(Self(granted.join(" ")))
    }

    /// Of a refresh: RFC 6749, section 6: no more than was granted.
    pub fn narrowed(&self, scope: Option<&str>) -> Result<Self, OAuthError> {
        let Some(_) = scope else { return Ok(self.clone()) };
        let narrowed = Self::asked(scope)?;
        if narrowed.0.split(' ').all(|word| self.has(word)) {
            Ok(narrowed)
        } else {
            Err(OAuthError::INVALID_SCOPE)
        }
    }

    pub fn has(&self, word: &str) -> bool {
        self.0.split(' ').any(|one| one == word)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_supported(word: &str) -> bool {
    // Organization scopes are taken and give nothing: there are no Keycloak Organizations here.
    SUPPORTED.contains(&word) || word == "organization" || word.starts_with("organization:")
}
