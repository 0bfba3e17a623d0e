//! `Prefer: respond-async` (RFC 7240, section 4.1): a client that would rather be answered where to look than wait for long work.
//! Without it a request is answered when its work is done, as clients that know no jobs expect.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use std::convert::Infallible;

/// What the client would rather have.
pub const HEADER: HeaderName = HeaderName::from_static("prefer");

/// Which of it the answer follows.
pub const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preference that is known here.
pub const RESPOND_ASYNC: &str = "respond-async";

/// Whether the client prefers an answer before the work is done.
pub struct RespondAsync(pub bool);

impl<S: Send + Sync> FromRequestParts<S> for RespondAsync {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(is_preferred(&parts.headers)))
    }
}

fn is_preferred(headers: &HeaderMap) -> bool {
    let values = headers.get_all(HEADER).iter().filter_map(|value| value.to_str().ok());
    let mut preferences = values.flat_map(|value| value.split(','));
    preferences.any(|preference| {
        let token = preference.split([';', '=']).next().unwrap_or_default();
        token.trim().eq_ignore_ascii_case(RESPOND_ASYNC)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_preference_is_found_among_others() {
        let is = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, HeaderValue::from_static(value));
            }
            is_preferred(&headers)
        };
        for yes in [
            &["respond-async"][..],
            &["Respond-Async, wait=10"],
            &["wait=1", "return=minimal , respond-async;x"],
        ] {
            assert!(is(yes), "{yes:?}");
        }
        for no in
            [&[][..], &[""], &["respond-asynchronously"], &["wait=respond-async"], &["handling=lenient"]]
        {
            assert!(!is(no), "{no:?}");
        }
    }
}
