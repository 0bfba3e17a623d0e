//! The typed client of the REST API: what the CLI, the TUI and the daemon's own tests speak.
//!
//! One method a route, one file a folder of routes. To add one: its types in [`crate::wire`], a method of three lines in
//! the file of its folder.

mod admin;
mod bookings;
mod dry_run;
mod endpoint;
mod error;
mod events;
mod exchange;
mod invites;
mod options;
mod organizations;
mod page;
mod raw;
mod retry;
mod stream;
mod system;
mod users;
mod waitlist;

pub use endpoint::{AddressFault, check_address};
pub use error::ClientError;
pub use options::{ClientOptions, Incoming, Observer, Outgoing};
pub use organizations::Deletion;
pub use page::Page;
pub use stream::{Heard, LiveStream};

use crate::net;
use crate::wire::Problem;
use async_trait::async_trait;
use endpoint::Endpoint;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// An answer with its whole body.
type RawResponse = http::Response<Vec<u8>>;

/// How long a request may take before the client gives up.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Where access tokens come from: fixed, or kept fresh by the sign-in.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// A token that is valid now, or `None` to ask without one.
    async fn access_token(&self) -> Result<Option<String>, ClientError>;

    /// Another token in place of `refused`, which the daemon did not accept; `None` if there is no other.
    async fn renewed(&self, refused: &str) -> Result<Option<String>, ClientError> {
        let _ = refused;
        Ok(None)
    }
}

/// A token that somebody handed over, such as `HAPPENING_TOKEN`.
#[derive(Clone)]
pub struct FixedToken(pub Option<String>);

#[async_trait]
impl TokenSource for FixedToken {
    async fn access_token(&self) -> Result<Option<String>, ClientError> {
        Ok(self.0.clone())
    }
}

/// What a POST under a key of the caller's own was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once<T> {
    /// The answer.
    pub value: T,
    /// Whether it was remembered: the daemon had been asked the same before, and what it made then may be gone by now.
    pub is_replayed: bool,
}

/// A thing as it was read, and the tag of that state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged<T> {
    /// The thing.
    pub value: T,
    /// Its `ETag`, by which a change can be bound to this state; `None` if the daemon gave none.
    pub tag: Option<String>,
}

/// A client of one daemon. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    endpoint: Endpoint,
    http: reqwest::Client,
    tokens: Arc<dyn TokenSource>,
    options: ClientOptions,
    key: Option<Arc<str>>,
}

impl Client {
    /// A client of the daemon at `server`, with [`DEFAULT_TIMEOUT`]. Every request below the path of that address, if it has
    /// one; an address that [`check_address`] refuses is refused by each request.
    pub fn new(server: Url, tokens: impl TokenSource + 'static) -> Self {
        Self::with_timeout(server, tokens, DEFAULT_TIMEOUT)
    }

    /// A client whose requests give up after `timeout`.
    pub fn with_timeout(server: Url, tokens: impl TokenSource + 'static, timeout: Duration) -> Self {
        Self::with_options(server, tokens, ClientOptions::plain(timeout))
    }

    /// A client with these options.
    pub fn with_options(server: Url, tokens: impl TokenSource + 'static, options: ClientOptions) -> Self {
        Self {
            endpoint: Endpoint::new(server),
            http: net::http_client(options.timeout),
            tokens: Arc::new(tokens),
            options,
            key: None,
        }
    }

    /// The same client, whose next POST has this `Idempotency-Key`: 1 to 255 printable ASCII characters. For what is
    /// known by its content, however often it is sent.
    #[must_use]
    pub fn under_key(&self, key: &str) -> Self {
        Self { key: Some(key.into()), ..self.clone() }
    }

    /// The same client, with an observer for the requests that it sends from here on.
    #[must_use]
    pub fn observed_by(&self, observer: Arc<dyn Observer>) -> Self {
        Self { options: ClientOptions { observer: Some(observer), ..self.options.clone() }, ..self.clone() }
    }

    /// The same client, whose writes are only tried: see [`ClientOptions::dry_run`].
    #[must_use]
    pub fn trying(&self) -> Self {
        Self { options: ClientOptions { dry_run: true, ..self.options.clone() }, ..self.clone() }
    }

    /// The daemon's address.
    pub fn server(&self) -> &Url {
        self.endpoint.base()
    }

    /// The same client without a token, for what is asked before anyone is signed in.
    fn anonymous(&self) -> Self {
        Self { tokens: Arc::new(FixedToken(None)), ..self.clone() }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.send(self.request(Method::GET, path)?).await
    }

    async fn get_with<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.send(self.request(Method::GET, path)?.query(query)).await
    }

    async fn get_tagged<T: DeserializeOwned>(&self, path: &str) -> Result<Tagged<T>, ClientError> {
        let response = self.send_raw(self.request(Method::GET, path)?).await?;
        if !response.status().is_success() {
            return Err(self.refusal(&response));
        }
        let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        Ok(Tagged { value: Self::decode(&response)?, tag })
    }

    /// A change of what is as it was when it had this tag; else it is refused (412).
    async fn put_if<T: DeserializeOwned>(
        &self,
        path: &str,
        tag: Option<&str>,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let mut request = self.request(Method::PUT, path)?.json(body);
        if let Some(tag) = tag {
            request = request.header(header::IF_MATCH, tag);
        }
        self.send(request).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        self.send(self.request(Method::POST, path)?.json(body)).await
    }

    async fn post_once<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        key: Uuid,
    ) -> Result<Once<T>, ClientError> {
        let client = self.under_key(&key.to_string());
        let response = client.send_raw(client.request(Method::POST, path)?.json(body)).await?;
        if !response.status().is_success() {
            return Err(self.refusal(&response));
        }
        let is_replayed = response.headers().contains_key(options::REPLAYED);
        Ok(Once { value: Self::decode(&response)?, is_replayed })
    }

    async fn post_empty<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.send(self.request(Method::POST, path)?).await
    }

    async fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        self.send(self.request(Method::PUT, path)?.json(body)).await
    }

    async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.send(self.request(Method::DELETE, path)?).await
    }

    /// A request without its token, which is attached when it is sent.
    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        let url = self.endpoint.url(path)?;
        let key = (method == Method::POST)
            .then(|| self.key.as_deref().map(str::to_owned).or_else(|| self.options.key()))
            .flatten();
        let mut request = self.http.request(method, url).header(header::ACCEPT, "application/json");
        if let Some(key) = key {
            request = request.header(options::IDEMPOTENCY_KEY, key);
        }
        Ok(request)
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let response = self.send_raw(request).await?;
        if response.status().is_success() {
            return Self::decode(&response);
        }
        Err(self.refusal(&response))
    }

    /// Sends it, and retries as the options say.
    async fn send_raw(&self, request: RequestBuilder) -> Result<RawResponse, ClientError> {
        let unsent = |error| ClientError::of_transport(self.server(), &error, false);
        let mut request = request.build().map_err(unsent)?;
        let only_tries = self.only_tries(&request);
        if only_tries {
            self.as_dry_run(&mut request).await?;
        }
        // On the heap: what holds this is held by stories of many requests.
        let response = Box::pin(self.exchange(request)).await?;
        if only_tries && response.status().is_success() {
            return Self::tried(response);
        }
        Ok(response)
    }

    fn decode<T: DeserializeOwned>(response: &RawResponse) -> Result<T, ClientError> {
        serde_json::from_slice(response.body())
            .map_err(|error| ClientError::Broken(format!("unexpected {} answer: {error}", response.status())))
    }

    fn refusal(&self, response: &RawResponse) -> ClientError {
        if let Ok(problem) = Self::decode::<Problem>(response) {
            let retry_after = options::retry_after(response.headers());
            return ClientError::Refused { problem: Box::new(problem), retry_after };
        }
        let status = response.status();
        match status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => {
                ClientError::Proxy(format!("{status}{}", net::through(self.server())))
            }
            _ => ClientError::NotHappening(format!("{status}{}", self.elsewhere(response))),
        }
    }

    /// What may have answered in the daemon's place, and where it redirects to. The client does not go there: its token is
    /// for the daemon alone.
    fn elsewhere(&self, response: &RawResponse) -> String {
        let location =
            response.headers().get(header::LOCATION).filter(|_| response.status().is_redirection());
        let location = location.and_then(|location| self.server().join(location.to_str().ok()?).ok());
        let location = location.map(|location| format!(", a redirect to {location}")).unwrap_or_default();
        format!("{location}{}", net::through(self.server()))
    }
}

/// What stays as it is in a segment of a path (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as one segment of a path. `.` and `..` are none, and are refused where the URL is made.
fn segment(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
