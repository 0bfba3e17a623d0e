//! Keycloak's signing keys change, and strangers name keys that never were.

use crate::in_step::House;
use crate::middleman::Middleman;
use crate::support::keycloak::Keycloak;
use crate::support::people::{Signed, password_grant};
use crate::support::{Daemon, eventually};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::StreamExt as _;
use happening_core::client::Client;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Keys that nobody knows make the daemon ask at most so often.
const PAUSE: Duration = Duration::from_secs(10);

/// Requests that name a key which never was.
const STRANGE: usize = 10_000;

/// The token as if the key `kid` had signed it.
pub fn with_key(token: &str, kid: &str) -> String {
    let (_, rest) = token.split_once('.').expect("a JWT");
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": kid});
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

fn key_of(token: &str) -> String {
    let header = token.split('.').next().expect("a JWT");
    let header: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).expect("base64")).expect("JSON");
    header["kid"].as_str().expect("a kid").to_owned()
}

/// Clients that ask all the time, each with the newest token that there is, and what they were refused with.
struct Asking {
    tokens: Arc<Mutex<Vec<String>>>,
    answered: Arc<AtomicUsize>,
    refused: Arc<Mutex<Vec<(String, String)>>>,
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Asking {
    fn start(daemon: &Daemon, token: String) -> Self {
        let mut asking = Self {
            tokens: Arc::new(Mutex::new(vec![token])),
            answered: Arc::default(),
            refused: Arc::default(),
            stop: Arc::default(),
            tasks: Vec::new(),
        };
        for number in 0..8 {
            let anyone = daemon.client(None);
            let (tokens, answered) = (asking.tokens.clone(), asking.answered.clone());
            let (refused, stop) = (asking.refused.clone(), asking.stop.clone());
            asking.tasks.push(tokio::spawn(async move {
                let mut turn: usize = number;
                while !stop.load(Ordering::Relaxed) {
                    turn += 1;
                    let token = {
                        let tokens = tokens.lock().expect("tokens");
                        tokens[turn % tokens.len()].clone()
                    };
                    let client = Client::new(
                        anyone.server().clone(),
                        happening_core::client::FixedToken(Some(token.clone())),
                    );
                    match client.events(None, None).await {
                        Ok(_) => drop(answered.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => {
                            refused.lock().expect("refusals").push((key_of(&token), error.to_string()));
                        }
                    }
                }
            }));
        }
        asking
    }

    fn add(&self, token: String) {
        self.tokens.lock().expect("tokens").push(token);
    }

    fn refused(&self) -> Vec<(String, String)> {
        self.refused.lock().expect("refusals").clone()
    }

    /// Waits for so many answers more.
    async fn go_on(&self, answers: usize) {
        let from = self.answered.load(Ordering::Relaxed);
        let more = async || self.answered.load(Ordering::Relaxed) >= from + answers;
        eventually("the clients are answered", Duration::from_secs(30), more).await;
    }

    async fn stop(mut self) -> Vec<(String, String)> {
        self.stop.store(true, Ordering::Relaxed);
        for task in std::mem::take(&mut self.tasks) {
            task.await.expect("no panic");
        }
        self.refused()
    }
}

/// A key of the test's own, removed whatever becomes of the test; the others sign again then.
struct Rotation {
    old: Vec<Value>,
    new: Option<String>,
}

impl Rotation {
    async fn begin(keycloak: &Keycloak) -> Self {
        let old = keycloak.keys().await;
        let new = keycloak.add_key("rotated-in-a-test", 200).await;
        Self { old, new: Some(new) }
    }

    async fn set_old(&self, keycloak: &Keycloak, active: bool, enabled: bool) {
        for key in &self.old {
            keycloak.set_key(key, active, enabled).await;
        }
    }

    async fn undo(mut self) {
        self.restore().await;
    }

    async fn restore(&mut self) {
        let Some(new) = self.new.take() else { return };
        let keycloak = Keycloak::administered();
        for key in &self.old {
            keycloak.set_key(key, true, true).await;
        }
        keycloak.delete_key(&new).await;
    }
}

impl Drop for Rotation {
    fn drop(&mut self) {
        if self.new.is_none() {
            return;
        }
        let mut left = Self { old: std::mem::take(&mut self.old), new: self.new.take() };
        // On a thread of its own: the test's runtime is busy failing.
        let restoring = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(left.restore());
        });
        let _ = restoring.join();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated_under_load() {
    let house = House::with(1).await;
    let issuer = house.keycloak.issuer();
    let old = password_grant(&issuer, "operator").await;
    let asking = Asking::start(house.daemon(), old.clone());
    asking.go_on(100).await;

    let rotation = Rotation::begin(&house.keycloak).await;
    let new = password_grant(&issuer, "operator").await;
    assert_ne!(key_of(&new), key_of(&old), "another key signs");
    asking.add(new.clone());
    asking.go_on(200).await;
    rotation.set_old(&house.keycloak, false, true).await;
    asking.go_on(200).await;
    assert_eq!(asking.refused(), [], "a key that is published is good, old or new");

    rotation.set_old(&house.keycloak, false, false).await;
    // The daemon asks for the keys when it meets one that it does not know, once the pause since the last such is over.
    let revoked = async || {
        let strange = house.daemon().client(with_key(&new, "never-seen"));
        strange.events(None, None).await.expect_err("an unknown key");
        house.daemon().client(old.clone()).events(None, None).await.is_err()
    };
    eventually("the revoked key is not good any more", PAUSE + Duration::from_secs(5), revoked).await;
    asking.go_on(200).await;
    let refused = asking.stop().await;
    assert!(!refused.is_empty(), "the clients have met it too");
    let others: Vec<_> = refused.iter().filter(|(kid, _)| *kid != key_of(&old)).collect();
    assert!(others.is_empty(), "refused with a good key: {others:?}");
    // The service account's own token was signed with the revoked key: it signs in anew.
    let (newcomer, token) = house.newcomer("rotated").await;
    newcomer.sign_up(house.daemon(), token).await;
    house.is_in_step("a sign-in after the rotation", Duration::from_secs(30)).await;
    rotation.undo().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_unknown_keys_are_asked_about_once_in_ten_seconds() {
    let house = House::with(0).await;
    let issuer = house.keycloak.issuer();
    let counted = Arc::new(AtomicUsize::new(0));
    let counting = counted.clone();
    let middleman = Middleman::before(&house.keycloak, move |head| {
        if head.starts_with("GET ") && head.lines().next().is_some_and(|line| line.contains("/certs")) {
            counting.fetch_add(1, Ordering::Relaxed);
        }
        false
    });
    let middleman = middleman.await;
    let daemon = Daemon::start_on(&house.parts, 0, &middleman.settings()).await;
    let known = Signed::of(&daemon, password_grant(&issuer, "member").await);
    known.client.events(None, None).await.expect("a known key");

    let (before, started) = (counted.load(Ordering::Relaxed), Instant::now());
    // One HTTP client for all: to make ten thousand takes longer than to ask as often.
    let http = happening_core::net::http_client(Duration::from_secs(10));
    let events = daemon.url().join("/events").expect("a path");
    let strange = (0..STRANGE).map(|number| {
        let token = with_key(&known.token, &format!("never-seen-{number}"));
        let asked = http.get(events.clone()).bearer_auth(token).send();
        async move { asked.await.expect("an answer").status().as_u16() }
    });
    let answers = futures::stream::iter(strange).buffer_unordered(64);
    let refused = answers.filter(|status| std::future::ready(*status == 401));
    assert_eq!(refused.count().await, STRANGE, "each of them 401");
    let (fetches, took) = (counted.load(Ordering::Relaxed) - before, started.elapsed());
    let allowed = 1 + usize::try_from(took.as_secs() / PAUSE.as_secs()).expect("few");
    assert!((1..=allowed).contains(&fetches), "{fetches} fetches in {took:?}");
    known.client.events(None, None).await.expect("a known key is good throughout");
}

impl Signed {
    fn of(daemon: &Daemon, token: String) -> Self {
        let subject = crate::support::people::subject_of(&token);
        let client = daemon.client(token.clone());
        Self { token, subject, user: None, client }
    }
}
