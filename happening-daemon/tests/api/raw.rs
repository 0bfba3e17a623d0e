//! Requests as any program may send them, without the typed client; and what every error must look like.

use crate::support::Daemon;
use reqwest::header::{HeaderMap, ORIGIN};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::time::Duration;

/// The web client's origin.
pub const WEB: &str = "http://localhost:3000";

/// What must never be seen outside.
const INSIDE: [&str; 10] = [
    "sqlx",
    "sqlite",
    "postgres",
    "redis",
    "lapin",
    "constraint",
    "panicked",
    "insert into",
    "connection refused",
    ".rs:",
];

/// Speaks to one daemon.
pub struct Raw {
    base: String,
    http: reqwest::Client,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Raw {
    pub fn new(daemon: &Daemon) -> Self {
        Self::at(daemon.url().as_str().trim_end_matches('/'))
    }

    pub fn at(address: &str) -> Self {
        Self { base: address.to_owned(), http: happening_core::net::http_client(Duration::from_secs(20)) }
    }

    /// A request of the web client, to be completed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).header(ORIGIN, WEB)
    }

    /// GET, with a token.
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        Answer::to(self.request(Method::GET, path).bearer_auth(token)).await
    }

    /// A request as it stands.
    pub async fn execute(&self, request: reqwest::Request) -> Answer {
        Answer::of(self.http.execute(request).await.expect("an answer")).await
    }

    /// With a token and a JSON body as it stands.
    pub async fn send(&self, method: Method, path: &str, token: &str, body: impl Into<String>) -> Answer {
        let request = self.request(method, path).bearer_auth(token);
        Answer::to(request.header("Content-Type", "application/json").body(body.into())).await
    }
}

impl Answer {
    pub async fn to(request: RequestBuilder) -> Self {
        Self::of(request.send().await.expect("an answer")).await
    }

    async fn of(response: reqwest::Response) -> Self {
        Self::try_of(response).await.expect("a body")
    }

    /// `None` if it broke off.
    pub async fn try_of(mut response: reqwest::Response) -> Option<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let is_stream = headers.get("Content-Type").is_some_and(|kind| kind == "text/event-stream");
        let text = if is_stream {
            // It has no end: how it begins says enough.
            let first = response.chunk().await.ok()?.unwrap_or_default();
            String::from_utf8(first.to_vec()).expect("text")
        } else {
            response.text().await.ok()?
        };
        Some(Self { status, headers, text })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text))
    }

    /// The body of a success.
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text);
        assert_eq!(self.header("Content-Type"), Some("application/json"));
        self.json()
    }

    /// An error by the contract. Returns its body.
    pub fn problem(&self, case: &str, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{case}: {}", self.text);
        assert_eq!(self.header("Content-Type"), Some("application/problem+json"), "{case}");
        let body = self.json();
        assert_eq!(body["status"], status, "{case}");
        assert_eq!(body["code"], code, "{case}: {body}");
        let text = |member: &str| {
            let text = body[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{case} has no {member}: {body}");
            text
        };
        text("type");
        text("title");
        text("detail");
        if ["seats_conflict", "invalid_seat_numbers"].contains(&code) {
            assert_eq!(text("error"), code, "{case}: the web client compares it");
        } else {
            assert!(text("error").contains(' '), "{case} is to be shown to people: {}", text("error"));
        }
        assert_eq!(Some(text("request_id")), self.header("X-Request-Id"), "{case}");
        assert_eq!(self.header("Access-Control-Allow-Origin"), Some(WEB), "{case}");
        let shown = self.text.to_lowercase();
        let leaked: Vec<_> = INSIDE.iter().filter(|word| shown.contains(**word)).collect();
        assert!(leaked.is_empty(), "{case} shows {leaked:?}: {}", self.text);
        body
    }
}
