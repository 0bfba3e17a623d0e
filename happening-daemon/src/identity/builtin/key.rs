//! The signing key: RSA-2048, made on the first start and kept in a file that only its owner can read.
//!
//! Everything that must outlive a restart hangs on this one file: access tokens are signed with it, refresh tokens with
//! a secret derived from it.

use super::IssuerError;
use crate::{private, random};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

const FILE: &str = "issuer-key.pem";

/// Signs what the issuer gives out, and reads its own refresh tokens.
pub struct SigningKey {
    rsa: EncodingKey,
    published: Jwk,
    refresh: EncodingKey,
    refresh_check: DecodingKey,
}

impl SigningKey {
    pub fn load_or_create(data_dir: &Path) -> Result<Self, IssuerError> {
        let path = data_dir.join(FILE);
        let failed = |source| IssuerError::KeyFile { path: path.clone(), source };
        if !path.exists() {
            private::make_directory(data_dir).map_err(failed)?;
            create(&path).map_err(failed)?;
        }
        private::keep(&path).map_err(failed)?;
        let pem = fs::read(&path).map_err(failed)?;
        Self::from_pem(&pem).ok_or(IssuerError::BadKey { path })
    }

    fn from_pem(pem: &[u8]) -> Option<Self> {
        let rsa = EncodingKey::from_rsa_pem(pem).ok()?;
        let mut published = Jwk::from_encoding_key(&rsa, Algorithm::RS256).ok()?;
        published.common.key_algorithm = Some(KeyAlgorithm::RS256);
        published.common.public_key_use = Some(PublicKeyUse::Signature);
        published.common.key_id = Some(published.thumbprint(ThumbprintHash::SHA256).ok()?);
        // Another key than the one that the world can check: a refresh token must never pass for an access token.
        let derived =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, rsa.as_bytes()), b"happening refresh tokens 1");
        let refresh = EncodingKey::from_secret(derived.as_ref());
        let refresh_check = DecodingKey::from_secret(derived.as_ref());
        Some(Self { rsa, published, refresh, refresh_check })
    }

    /// As in the JWKS.
    pub fn published(&self) -> &Jwk {
        &self.published
    }

    /// An access token or an ID token.
    pub fn sign<T: Serialize>(&self, claims: &T) -> jsonwebtoken::errors::Result<String> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid.clone_from(&self.published.common.key_id);
        jsonwebtoken::encode(&header, claims, &self.rsa)
    }

    pub fn sign_refresh<T: Serialize>(&self, claims: &T) -> jsonwebtoken::errors::Result<String> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.refresh)
    }

    /// A refresh token that we signed, whether or not it is still good.
    pub fn read_refresh<T: DeserializeOwned>(&self, token: &str) -> Option<T> {
        let mut only_the_signature = Validation::new(Algorithm::HS256);
        only_the_signature.required_spec_claims = HashSet::new();
        only_the_signature.validate_exp = false;
        only_the_signature.validate_aud = false;
        jsonwebtoken::decode(token, &self.refresh_check, &only_the_signature).ok().map(|data| data.claims)
    }
}

/// Written whole under another name, then linked into place: a crash leaves no half of a key, and of two daemons that
/// start at once both use the key of the first.
fn create(path: &Path) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.tmp", random::uuid()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = new_pem().and_then(|pem| file.write_all(pem.as_bytes())).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| link(&draft, path));
    fs::remove_file(&draft).or_else(|error| if linked.is_ok() { Ok(()) } else { Err(error) })?;
    linked
}

fn link(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Some file systems have no links.
        Err(_) => fs::copy(draft, path).map(drop),
    }
}

/// PKCS#8 in PEM (RFC 7468, section 10).
fn new_pem() -> io::Result<String> {
    let refused = |_| io::Error::other("no RSA key could be made");
    let key = KeyPair::generate(KeySize::Rsa2048).map_err(refused)?;
    let base64 = STANDARD.encode(key.as_der().map_err(refused)?.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(pem)
}
