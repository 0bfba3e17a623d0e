//! Why a token was not accepted.
//!
//! Each sentence is fit for the `detail` of the answer: it says what to do about it and holds nothing of the token.
//! All of them are 401 but [`Rejection::KeysUnavailable`], which is no fault of the caller: 503 with `Retry-After`.

use thiserror::Error;

/// Why a token was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejection {
    /// No `Authorization: Bearer …`.
    #[error("Please sign in: this needs an access token in the header `Authorization: Bearer …`.")]
    Missing,
    /// Not a JWT, too large, or a claim that must be there is missing or of the wrong type.
    #[error("This is not a well-formed access token.")]
    Malformed,
    /// `exp` has passed.
    #[error("The access token has expired: refresh it, or sign in again.")]
    Expired,
    /// `nbf` is yet to come.
    #[error("The access token is not valid yet: is the clock of the sign-in service right?")]
    NotYetValid,
    /// `iss` is another issuer.
    #[error("The access token comes from another issuer than the one this server trusts.")]
    WrongIssuer,
    /// `aud` does not name this service. The hint names what is missing at the issuer.
    #[error("The access token is not meant for this server. {hint}")]
    WrongAudience {
        /// What to configure, and where.
        hint: String,
    },
    /// An ID token, a refresh token, or anything else that is not an access token.
    #[error("This is not an access token: send the access token, not the ID token or the refresh token.")]
    WrongType,
    /// No published key has this `kid`.
    #[error("The access token is signed with a key that its issuer does not publish: sign in again.")]
    UnknownKey,
    /// The signature is wrong.
    #[error("The signature of the access token is not valid.")]
    BadSignature,
    /// `none`, a shared-secret algorithm, or another one than the key is for.
    #[error("The access token is signed with an algorithm that is not accepted here.")]
    Algorithm,
    /// The issuer cannot be reached, and none of its keys was ever seen.
    #[error("The sign-in service cannot be reached, so that nobody can be recognized at the moment.")]
    KeysUnavailable,
}

impl Rejection {
    /// A token without the audience. `client` is what the token says of its client.
    pub(super) fn wrong_audience(audience: &str, client: Option<&str>) -> Self {
        // The name comes from a verified token, yet it ends up in terminals and logs.
        let client: String =
            client.unwrap_or_default().chars().filter(char::is_ascii_graphic).take(64).collect();
        let whose = if client.is_empty() { "its client".to_owned() } else { format!("client `{client}`") };
        let hint = format!(
            "Its `aud` lacks `{audience}`: give {whose} an audience mapper for `{audience}` at the issuer (in Keycloak \
             `oidc-audience-mapper`, included client audience `{audience}`), or name the client in OIDC_TRUSTED_CLIENTS."
        );
        Self::WrongAudience { hint }
    }
}
