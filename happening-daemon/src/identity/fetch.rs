//! Reading the issuer's two documents over HTTP: discovery, and the keys that it points to.
//!
//! Only addresses from the configuration and from the issuer's own discovery document are ever asked; nothing in a token
//! leads anywhere.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;
use url::{Host, Url};

/// Someone's request waits for this.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Key sets have a few kilobytes.
const MAX_DOCUMENT: usize = 1024 * 1024;

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Why the issuer's keys could not be read.
#[derive(Debug, Error)]
pub enum FetchError {
    #[error("the issuer does not answer")]
    Unreachable(#[from] reqwest::Error),
    #[error("the issuer answers {0}")]
    Status(reqwest::StatusCode),
    #[error("the issuer's document is larger than {MAX_DOCUMENT} bytes")]
    TooLarge,
    #[error("the issuer's document is not what it should be")]
    NotUnderstood(#[from] serde_json::Error),
    #[error("the issuer calls itself {0}: it must be configured under that name")]
    OtherName(String),
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// A key set as published. Each key is looked at by itself, so that one of a kind not known here spoils nothing.
#[derive(Deserialize)]
pub struct PublishedKeys {
    pub keys: Vec<serde_json::Value>,
}

/// Where the issuer's documents are.
pub struct IssuerDocuments {
    http: reqwest::Client,
    issuer: String,
    /// Where the issuer is from here, if that is not where it is for the world.
    inside: Option<String>,
    /// Found once; found anew after a failure.
    jwks_uri: Mutex<Option<String>>,
}

impl IssuerDocuments {
    pub fn new(issuer: &str, inside: Option<&str>) -> Self {
        let inside = inside.map(|base| base.trim_end_matches('/').to_owned());
        let http = http_client(inside.as_deref().unwrap_or(issuer), TIMEOUT);
        Self { http, issuer: issuer.to_owned(), inside, jwks_uri: Mutex::new(None) }
    }

    /// Whether the issuer answers, and is the one that it should be.
    pub async fn discover(&self) -> Result<String, FetchError> {
        let found: Discovery =
            self.get(&self.seen_from_here(&format!("{}{DISCOVERY}", self.trimmed()))).await?;
        // OIDC Discovery 1.0, section 4.3: it must be the configured name. Asked on an inside address,
        // though, some issuers name themselves after that.
        if self.inside.is_none() && found.issuer != self.issuer {
            return Err(FetchError::OtherName(found.issuer));
        }
        Ok(self.seen_from_here(&found.jwks_uri))
    }

    pub async fn keys(&self) -> Result<PublishedKeys, FetchError> {
        let known = self.jwks_uri.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let uri = match known {
            Some(uri) => uri,
            None => self.discover().await?,
        };
        let keys = self.get(&uri).await;
        *self.jwks_uri.lock().unwrap_or_else(PoisonError::into_inner) = keys.is_ok().then_some(uri);
        keys
    }

    fn trimmed(&self) -> &str {
        self.issuer.trim_end_matches('/')
    }

    /// The address from here of something that the issuer publishes under its public name.
    fn seen_from_here(&self, url: &str) -> String {
        match (&self.inside, url.strip_prefix(self.trimmed())) {
            (Some(inside), Some(rest)) => format!("{inside}{rest}"),
            _ => url.to_owned(),
        }
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        let mut response = self.http.get(url).header("Accept", "application/json").send().await?;
        if !response.status().is_success() {
            return Err(FetchError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_DOCUMENT {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(serde_json::from_slice(&body)?)
    }
}

/// No redirects: an issuer does not move. No proxy to this machine: it would look on its own.
pub(super) fn http_client(base: &str, timeout: Duration) -> reqwest::Client {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(TIMEOUT)
        .timeout(timeout)
        .user_agent(concat!("happening/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none());
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    builder.build().expect("the TLS provider and the built-in settings are fixed at compile time")
}

fn is_loopback(base: &str) -> bool {
    match Url::parse(base).as_ref().map(Url::host) {
        Ok(Some(Host::Ipv4(ip))) => ip.is_loopback(),
        Ok(Some(Host::Ipv6(ip))) => ip.is_loopback(),
        Ok(Some(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        _ => false,
    }
}
