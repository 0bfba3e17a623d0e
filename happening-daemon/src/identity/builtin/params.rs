//! Form parameters of the OAuth endpoints.

use super::clients::Client;
use super::error::OAuthError;
use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

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

    /// Who asks. Public clients have no secret: their name is all there is. Confidential ones prove it (RFC 6749, section
    /// 2.3.1).
    pub fn client(&self) -> Result<&'static Client, OAuthError> {
        let client = self.get("client_id").and_then(Client::find).ok_or(OAuthError::INVALID_CLIENT)?;
        match &client.service {
            Some(service) if self.get("client_secret") != Some(service.secret) => {
                Err(OAuthError::INVALID_CLIENT)
            }
            _ => Ok(client),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let basic = request.headers().get(header::AUTHORIZATION).map(credentials);
        let Ok(Form(mut pairs)) = Form::<Vec<(String, String)>>::from_request(request, state).await else {
            return Err(OAuthError::invalid_request("The body must be a form of at most 16 KB"));
        };
        if let Some(basic) = basic {
            let (client, secret) = basic.ok_or(OAuthError::INVALID_CLIENT)?;
            // The name may be repeated in the body, the secret not: RFC 6749, section 2.3, one method at a time.
            pairs.retain(|pair| *pair != ("client_id".to_owned(), client.clone()));
            pairs.extend([("client_id".to_owned(), client), ("client_secret".to_owned(), secret)]);
        }
        // RFC 6749, section 3.2: no parameter twice.
        let twice =
            |(at, (name, _)): (usize, &(String, String))| pairs[..at].iter().any(|(other, _)| other == name);
        if pairs.len() > 32 || pairs.iter().enumerate().any(twice) {
            return Err(OAuthError::invalid_request("duplicated parameter"));
        }
        Ok(Self(pairs))
    }
}

/// Name and secret of HTTP Basic, each form-encoded: RFC 6749, section 2.3.1.
fn credentials(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    let bytes = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()))?.ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (client, secret) = text.split_once(':')?;
    let plain = |text: &str| {
        let pair = format!("={text}");
        form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((plain(client)?, plain(secret)?))
}
