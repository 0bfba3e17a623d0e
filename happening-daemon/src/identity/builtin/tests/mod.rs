//! The built-in issuer over real HTTP, as a client and a browser see it; its tokens are put before the verifier.

mod device_flow;
mod grants;
mod guarded;

use super::{BuiltinIssuer, IssuerError, MOUNT, router};
use crate::identity::{Verifier, VerifierSettings};
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use happening_core::clock::Clock;
use reqwest::StatusCode;
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A key takes a while to make: made once, copied into each test's directory.
static MADE_ONCE: LazyLock<TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    BuiltinIssuer::new("127.0.0.1:1".parse().unwrap(), dir.path(), Clock::system()).unwrap();
    dir
});

/// The issuer on a port of its own, and a client.
struct Scene {
    url: String,
    clock: Clock,
    http: reqwest::Client,
    verifier: Verifier,
    dir: TempDir,
    server: JoinHandle<()>,
}

type Answer = (StatusCode, Value);

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

async fn serve(dir: &Path, clock: &Clock) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = Arc::new(BuiltinIssuer::new(listener.local_addr().unwrap(), dir, clock.clone()).unwrap());
    let url = issuer.url().to_owned();
    let app = Router::new().nest(MOUNT, router(issuer));
    (url, tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }))
}

fn verifier(url: &str, clock: &Clock) -> Verifier {
    let settings = VerifierSettings {
        kind: "built-in".to_owned(),
        issuer: url.to_owned(),
        inside_url: None,
        audience: super::AUDIENCE.to_owned(),
        trusted_clients: Vec::new(),
        trust_unverified_email: false,
    };
    Verifier::new(settings, clock.clone())
}

impl Scene {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(MADE_ONCE.path().join("issuer-key.pem"), dir.path().join("issuer-key.pem")).unwrap();
        let clock = Clock::stopped_at(noon());
        let (url, server) = serve(dir.path(), &clock).await;
        let verifier = verifier(&url, &clock);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { url, clock, http, verifier, dir, server }
    }

    /// Another process on the same directory.
    async fn restart(&mut self) {
        self.server.abort();
        let (url, server) = serve(self.dir.path(), &self.clock).await;
        self.verifier = verifier(&url, &self.clock);
        self.url = url;
        self.server = server;
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let url = format!("{}/protocol/openid-connect/{path}", self.url);
        let response = self.http.post(url).form(form).send().await.unwrap();
        assert!(
            response.status() == StatusCode::OK && path == "revoke"
                || response.headers()["cache-control"] == "no-store",
            "answers about tokens are in no cache"
        );
        (response.status(), response.json().await.unwrap_or_default())
    }

    async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.post("token", form).await
    }

    async fn password(&self, client: &str, username: &str, password: &str) -> Answer {
        let form = [
            ("grant_type", "password"),
            ("client_id", client),
            ("username", username),
            ("password", password),
            ("scope", "openid"),
        ];
        self.token(&form).await
    }

    async fn refresh(&self, client: &str, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)]).await
    }

    fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now() + TimeDelta::seconds(seconds));
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// The error of a refusal.
fn refused(answer: &Answer) -> (u16, &str) {
    assert!(!text(&answer.1, "error_description").is_empty());
    (answer.0.as_u16(), text(&answer.1, "error"))
}

/// A part of a JWT: 0 the header, 1 the claims.
fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
