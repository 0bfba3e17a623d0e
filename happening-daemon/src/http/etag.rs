//! `ETag` and `If-None-Match` (RFC 9110, sections 8.8.3 and 13.1.2): a client that has an answer already is answered that it still
//! holds.
//!
//! The tag of an event's seats is *weak*: it is made of the event's version and of the seats that are held, from which the
//! seats follow, while the organizer's name beside them may have changed meanwhile. It can therefore be compared without
//! reading anything. The tag of a list is *strong*: it is a digest of the very bytes, made once they are there.
//!
//! What can be edited has the tag `"REVISION.DIGEST"`, strong too, which an edit may name (`If-Match`, section 13.1.1): only
//! its revision is compared, see [`Precondition`], since what else a thing shows is nothing that an edit would undo. A weak tag
//! does as well, because proxies that compress make tags weak.

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::convert::Infallible;

use super::error::Error;
use crate::service::{self, Edited, Precondition};
use happening_core::wire::ErrorCode;

/// The tags that the client has: the header `If-None-Match`.
#[derive(Debug, Default)]
pub struct IfNoneMatch(Vec<String>);

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl IfNoneMatch {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let tags = values.flat_map(|value| value.split(',')).map(|tag| opaque(tag.trim()).to_owned());
        Self(tags.collect())
    }

    /// Whether the client forbids to change what is there: `If-None-Match: *`.
    fn is_any(&self) -> bool {
        self.0.iter().any(|tag| tag == "*")
    }

    /// Whether the client has what this tag names. The comparison is weak, as the section on `If-None-Match` wants it.
    pub fn has(&self, tag: &str) -> bool {
        self.0.iter().any(|known| known == "*" || known == opaque(tag))
    }
}

/// What an edit starts from: the header `If-Match`, and `If-None-Match: *` for an edit that must not find anything.
pub struct IfMatch(pub Precondition);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        if IfNoneMatch::of(&parts.headers).is_any() {
            return Ok(Self(Precondition::nothing()));
        }
        let mut values = parts.headers.get_all(header::IF_MATCH).iter().peekable();
        if values.peek().is_none() {
            return Ok(Self(Precondition::default()));
        }
        let tags: Vec<&str> =
            values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
        if tags.iter().any(|tag| tag.trim() == "*") {
            return Ok(Self(Precondition::default()));
        }
        let revisions = tags.into_iter().filter_map(revision).map(str::to_owned).collect();
        Ok(Self(Precondition::one_of(revisions)))
    }
}

/// `If-None-Match: *` at a PUT that only ever changes what is there (RFC 9110, section 13.1.2): it is refused.
pub struct ChangesOnly;

impl<S: Send + Sync> FromRequestParts<S> for ChangesOnly {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        if IfNoneMatch::of(&parts.headers).is_any() {
            return Err(Error::new(
                ErrorCode::Stale,
                "This changes what is there; If-None-Match: * forbids it.",
            ));
        }
        Ok(Self)
    }
}

/// The revision in a tag.
fn revision(tag: &str) -> Option<&str> {
    let (revision, _) = opaque(tag.trim()).strip_prefix('"')?.strip_suffix('"')?.split_once('.')?;
    Some(revision)
}

/// A tag without its weakness.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// 304: the client has it already.
pub fn not_modified(tag: &str) -> Response {
    (StatusCode::NOT_MODIFIED, headers(tag)).into_response()
}

/// An answer under a tag.
pub fn tagged(tag: &str, answer: impl IntoResponse) -> Response {
    (headers(tag), answer).into_response()
}

fn headers(tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    // What is cached is asked for again: "refresh" is a plain GET.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers
}

/// What can be edited, under its tag, or 304.
pub fn edited<T: Serialize + Edited>(known: &IfNoneMatch, value: &T) -> Response {
    match Encoded::edited(value) {
        Ok(answer) => encoded(known, &answer),
        Err(error) => Error::from(error).into_response(),
    }
}

/// JSON, and the tag that is a digest of it.
pub struct Encoded {
    body: Bytes,
    tag: String,
}

impl Encoded {
    /// Encodes an answer.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, service::Error> {
        Self::under("", value)
    }

    /// Encodes what can be edited: its tag names its revision.
    pub fn edited<T: Serialize + Edited>(value: &T) -> Result<Self, service::Error> {
        Self::under(&format!("{}.", value.revision()), value)
    }

    fn under<T: Serialize>(revision: &str, value: &T) -> Result<Self, service::Error> {
        let body = to_json(value)?;
        let digest = Sha256::digest(&body);
        let tag = format!("\"{revision}{}\"", URL_SAFE_NO_PAD.encode(&digest[..16]));
        Ok(Self { body, tag })
    }

    /// Encodes an answer whose tag was made of something else than its bytes.
    pub fn tagged<T: Serialize>(tag: String, value: &T) -> Result<Self, service::Error> {
        Ok(Self { body: to_json(value)?, tag })
    }

    /// The JSON.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

fn to_json<T: Serialize>(value: &T) -> Result<Bytes, service::Error> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| {
        tracing::error!(%error, "an answer cannot be encoded");
        service::Error::new(ErrorCode::Internal, "Something went wrong on our side.")
    })
}

/// An answer that is encoded, or 304.
pub fn encoded(known: &IfNoneMatch, answer: &Encoded) -> Response {
    if known.has(&answer.tag) {
        return not_modified(&answer.tag);
    }
    tagged(&answer.tag, ([(header::CONTENT_TYPE, "application/json")], answer.body.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(header: &'static str) -> IfNoneMatch {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(header));
        IfNoneMatch::of(&headers)
    }

    #[test]
    fn an_edition_is_read_out_of_a_tag() {
        assert_eq!(revision("\"e.d\""), Some("e"));
        assert_eq!(revision(" W/\"e.d\" "), Some("e"), "made weak by a proxy");
        for none in ["e.d", "\"e\"", "\"e.d", "", "*"] {
            assert_eq!(revision(none), None, "{none}");
        }
    }

    #[test]
    fn tags_are_compared_weakly() {
        for header in ["W/\"7\"", "\"7\"", "\"1\", W/\"7\"", "*"] {
            assert!(known(header).has("W/\"7\"") && known(header).has("\"7\""), "{header}");
        }
        for header in ["W/\"77\"", "7", "", "\"\""] {
            assert!(!known(header).has("W/\"7\""), "{header}");
        }
    }
}
