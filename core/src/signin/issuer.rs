//! The issuer: found through the daemon, described by its own discovery document, spoken to over a client with time-outs.

use super::SigninError;
use crate::client::{Client, ClientError, FixedToken, check_address};
use crate::net;
use crate::wire::Discovery;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde::Deserialize;
use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use thiserror::Error;
use url::Url;

/// An issuer answers at once or not at all.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What we need of an issuer's discovery document (`OpenID` Connect Discovery 1.0, section 3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Issuer {
    /// Its name, which is its address.
    pub issuer: String,
    /// Where tokens are had.
    pub token_endpoint: Url,
    /// Where codes for the device flow are had (RFC 8628, section 4).
    #[serde(default)]
    pub device_authorization_endpoint: Option<Url>,
    /// Where tokens are given back (RFC 7009).
    #[serde(default)]
    pub revocation_endpoint: Option<Url>,
}

impl Issuer {
    /// Reads the discovery document of `issuer`.
    pub async fn find(issuer: &str) -> Result<Self, SigninError> {
        let issuer = issuer.trim_end_matches('/');
        let broken = |reason: String| SigninError::Broken { issuer: issuer.to_owned(), reason };
        let address = Url::parse(issuer).ok().filter(|url| check_address(url).is_ok());
        let Some(address) = address else {
            return Err(broken("it is not an http:// or https:// address".to_owned()));
        };
        let http = IssuerHttp::new(issuer);
        let url = format!("{issuer}/.well-known/openid-configuration");
        let answer = http.send(http.client.get(url)).await.map_err(|error| error.of(issuer))?;
        if !answer.status().is_success() {
            return Err(broken(format!("{} to its discovery document", answer.status())));
        }
        let found: Self = serde_json::from_slice(answer.body())
            .map_err(|error| broken(format!("its discovery document cannot be read: {error}")))?;
        // Section 4.3: another name here is another issuer, to which our tokens must not go.
        if found.issuer.trim_end_matches('/') != issuer {
            return Err(broken(format!("it calls itself {}", found.issuer)));
        }
        found.check_endpoints(&address).map_err(broken)?;
        Ok(found)
    }

    /// Refuses endpoints to which no secret may go: those at another origin than the issuer's that are not encrypted, and
    /// those with somebody's password in them.
    fn check_endpoints(&self, issuer: &Url) -> Result<(), String> {
        let endpoints = [
            ("token_endpoint", Some(&self.token_endpoint)),
            ("device_authorization_endpoint", self.device_authorization_endpoint.as_ref()),
            ("revocation_endpoint", self.revocation_endpoint.as_ref()),
        ];
        for (name, endpoint) in endpoints {
            let Some(endpoint) = endpoint else { continue };
            let is_safe = endpoint.scheme() == "https" || endpoint.origin() == issuer.origin();
            let has_credentials = !endpoint.username().is_empty() || endpoint.password().is_some();
            if !is_safe || has_credentials {
                return Err(format!(
                    "its {name} at {} is neither at its own origin nor https",
                    endpoint.host_str().unwrap_or_default()
                ));
            }
        }
        Ok(())
    }
}

/// Asks the daemon who its issuer is, and the issuer what it offers.
pub async fn discover(server: &Url) -> Result<(Discovery, Issuer), SigninError> {
    let daemon = Client::with_timeout(server.clone(), FixedToken(None), TIMEOUT).discovery().await.map_err(
        |error| {
            match error {
                // Anything may listen at an address; say which document was missing.
                ClientError::Broken(reason) => ClientError::NotHappening(reason),
                other => other,
            }
        },
    )?;
    let issuer = Issuer::find(&daemon.issuer).await?;
    Ok((daemon, issuer))
}

/// HTTP to one issuer, in the form that `oauth2` asks for.
pub(super) struct IssuerHttp {
    pub(super) client: reqwest::Client,
    issuer: String,
}

/// No answer, or one that says to come back later.
#[derive(Debug, Error)]
#[error("{0}")]
pub(super) struct NoAnswer(String);

impl NoAnswer {
    pub(super) fn of(self, issuer: &str) -> SigninError {
        SigninError::Unreachable { issuer: issuer.to_owned(), reason: self.0 }
    }
}

impl IssuerHttp {
    pub(super) fn new(issuer: &str) -> Self {
        Self { client: net::http_client(TIMEOUT), issuer: issuer.to_owned() }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<HttpResponse, NoAnswer> {
        let request = request.build().map_err(|error| reason(&error, ""))?;
        let through = net::through(request.url());
        let answer = self.client.execute(request).await.map_err(|error| reason(&error, &through))?;
        let status = answer.status();
        // A proxy's 502 is HTML, and is the same news as a refused connection: try later.
        if status.is_server_error() {
            return Err(NoAnswer(format!("it answered {status}{through}")));
        }
        let body = answer.bytes().await.map_err(|error| reason(&error, &through))?;
        let mut response = HttpResponse::new(body.to_vec());
        *response.status_mut() = status;
        Ok(response)
    }

    async fn forward(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let (parts, body) = request.into_parts();
        let request =
            self.client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        self.send(request).await
    }
}

impl<'c> AsyncHttpClient<'c> for IssuerHttp {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.forward(request))
    }
}

/// reqwest says "error sending request"; the reason is at the end of the chain.
fn reason(error: &reqwest::Error, through: &str) -> NoAnswer {
    if error.is_timeout() {
        return NoAnswer(format!("it did not answer in time{through}"));
    }
    let mut deepest = error.source();
    while let Some(deeper) = deepest.and_then(std::error::Error::source) {
        deepest = Some(deeper);
    }
    let why = deepest.map_or_else(|| "the request failed".to_owned(), ToString::to_string);
    NoAnswer(format!("{why}{through}"))
}
