//! An issuer for tests: signs all that it is asked to, and can rotate its keys, fail, and hang.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use tokio::task::JoinHandle;

/// How the issuer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    Failing,
    Hanging,
}

/// A key pair.
#[derive(Clone)]
pub struct TestKey {
    pub kid: String,
    pub algorithm: Algorithm,
    encoding: EncodingKey,
}

/// RSA keys take a while to make: these are shared.
static RSA: LazyLock<[EncodingKey; 3]> = LazyLock::new(|| std::array::from_fn(|_| new_rsa()));

fn new_rsa() -> EncodingKey {
    use aws_lc_rs::encoding::AsDer as _;
    let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let base64 = STANDARD.encode(key.as_der().unwrap().as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
}

impl TestKey {
    /// One of three RSA keys, under any name.
    pub fn rsa(number: usize, kid: &str) -> Self {
        Self { kid: kid.to_owned(), algorithm: Algorithm::RS256, encoding: RSA[number].clone() }
    }

    /// A new P-256 key.
    pub fn ec(kid: &str) -> Self {
        let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = aws_lc_rs::rand::SystemRandom::new();
        let pkcs8 = aws_lc_rs::signature::EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let encoding = EncodingKey::from_ec_der(pkcs8.as_ref());
        Self { kid: kid.to_owned(), algorithm: Algorithm::ES256, encoding }
    }

    /// The same key, used with another algorithm.
    #[must_use]
    pub fn with(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    pub fn jwk(&self) -> Value {
        let mut jwk = json!(Jwk::from_encoding_key(&self.encoding, self.algorithm).unwrap());
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// The public key as an attacker would use it for a secret: SPKI-like bytes out of the modulus.
    pub fn public_bytes(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(self.jwk()["n"].as_str().unwrap()).unwrap()
    }

    /// A token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with_header(&json!({ "alg": self.algorithm, "typ": "JWT", "kid": self.kid }), claims)
    }

    /// A token with any header at all, truly signed.
    pub fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let signature =
            jsonwebtoken::crypto::sign(signed.as_bytes(), &self.encoding, self.algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

/// `header.payload`.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

struct Shared {
    url: String,
    keys: Mutex<Vec<Value>>,
    mood: Mutex<Mood>,
    asked_for_keys: AtomicUsize,
}

/// The issuer, on a port of its own until dropped.
pub struct TestIssuer {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl TestIssuer {
    pub async fn start(keys: &[&TestKey]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Arc::new(Shared {
            url: format!("http://{}/realms/test", listener.local_addr().unwrap()),
            keys: Mutex::new(keys.iter().map(|key| key.jwk()).collect()),
            mood: Mutex::new(Mood::Well),
            asked_for_keys: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/realms/test/.well-known/openid-configuration", get(discovery))
            .route("/realms/test/certs", get(certs))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { shared, server }
    }

    pub fn url(&self) -> &str {
        &self.shared.url
    }

    pub fn publish(&self, keys: Vec<Value>) {
        *self.shared.keys.lock().unwrap() = keys;
    }

    pub fn be(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    pub fn asked_for_keys(&self) -> usize {
        self.shared.asked_for_keys.load(Ordering::SeqCst)
    }
}

impl Drop for TestIssuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn discovery(State(issuer): State<Arc<Shared>>) -> Response {
    let url = &issuer.url;
    issuer.answer(json!({ "issuer": url, "jwks_uri": format!("{url}/certs") })).await
}

async fn certs(State(issuer): State<Arc<Shared>>) -> Response {
    issuer.asked_for_keys.fetch_add(1, Ordering::SeqCst);
    let keys = issuer.keys.lock().unwrap().clone();
    issuer.answer(json!({ "keys": keys })).await
}

impl Shared {
    async fn answer(&self, body: Value) -> Response {
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Well => Json(body).into_response(),
            Mood::Failing => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Mood::Hanging => std::future::pending().await,
        }
    }
}
