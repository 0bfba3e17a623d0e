//! Form parameters of the OAuth endpoints.

use super::clients::Client;
use super::error::OAuthError;
use axum::Form;
use axum::extract::{FromRequest, Request};

pub struct Params(Vec<(String, String)>);

impl Params {
    /// RFC 6749, section 3.1: without a value is as if omitted.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.even_empty(name).filter(|value| !value.is_empty())
    }

    pub fn require(&self, name: &str, otherwise: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::invalid_request(otherwise))
    }

    pub fn even_empty(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Who asks. Public clients have no secret: their name is all there is.
    pub fn client(&self) -> Result<&'static Client, OAuthError> {
        self.get("client_id").and_then(Client::find).ok_or(OAuthError::INVALID_CLIENT)
    }
}

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let Ok(Form(pairs)) = Form::<Vec<(String, String)>>::from_request(request, state).await else {
            return Err(OAuthError::invalid_request("The body must be a form of at most 16 KB"));
        };
        // RFC 6749, section 3.2: no parameter twice.
        let twice =
            |(at, (name, _)): (usize, &(String, String))| pairs[..at].iter().any(|(other, _)| other == name);
        if pairs.len() > 32 || pairs.iter().enumerate().any(twice) {
            return Err(OAuthError::invalid_request("duplicated parameter"));
        }
        Ok(Self(pairs))
    }
}
