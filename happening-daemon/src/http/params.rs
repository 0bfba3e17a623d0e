//! What stands in the address: path and query, with errors like everyone else's.

use super::body_error::{member_error, problem_at};
use super::error::Error;
use axum::extract::{FromRequestParts, Path as AxumPath, Query as AxumQuery, RawPathParams};
use axum::http::Uri;
use axum::http::request::Parts;
use happening_core::wire::ErrorCode;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize as _, Deserializer};
use std::borrow::Cow;
use url::form_urlencoded;
use uuid::Uuid;

/// Parts of the path. One that does not fit is 400.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let unreadable = |_| Error::new(ErrorCode::ValidationFailed, "The path must be UTF-8.");
        let raw = RawPathParams::from_request_parts(parts, state).await.map_err(unreadable)?;
        if let Some((name, _)) = raw.iter().find(|(_, value)| value.contains('\0')) {
            return Err(problem_at(name, "must not contain NUL"));
        }
        match AxumPath::<T>::from_request_parts(parts, state).await {
            Ok(AxumPath(value)) => Ok(Self(value)),
            Err(_) => Err(unfit(&raw)),
        }
    }
}

/// Every part that can fail to fit is an id; the others are texts.
fn unfit(raw: &RawPathParams) -> Error {
    let of_ids = raw.iter().filter(|(name, _)| *name == "token" || name.ends_with("id"));
    match of_ids.into_iter().find(|(_, value)| value.parse::<Uuid>().is_err()) {
        Some((name, value)) => {
            let value: String = value.chars().take(50).collect();
            problem_at(name, &format!("must be an id (a UUID) in the path, not {value:?}"))
        }
        None => Error::new(ErrorCode::ValidationFailed, "The path has a part that does not fit."),
    }
}

/// The query. A value that is empty counts as absent; one that does not fit, or stands there twice, is 400.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let is_said = |(_, value): &(Cow<'_, str>, Cow<'_, str>)| !value.is_empty();
        read_query(&parts.uri, is_said).map(Self)
    }
}

/// The query of what has only [`flag`]s: there a name without a value says yes.
pub struct Flags<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Flags<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        read_query(&parts.uri, |_| true).map(Self)
    }
}

fn read_query<T: DeserializeOwned>(
    uri: &Uri,
    counts: impl Fn(&(Cow<'_, str>, Cow<'_, str>)) -> bool,
) -> Result<T, Error> {
    let pairs: Vec<_> = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).collect();
    if let Some((name, _)) = pairs.iter().find(|(name, value)| name.contains('\0') || value.contains('\0')) {
        return Err(problem_at(&name.replace('\0', "\u{2400}"), "must not contain NUL"));
    }
    let said = pairs.iter().filter(|pair| counts(pair));
    let query = form_urlencoded::Serializer::new(String::from("/?")).extend_pairs(said).finish();
    let too_long = |_| Error::new(ErrorCode::ValidationFailed, "The query is too long.");
    let uri: Uri = query.parse().map_err(too_long)?;
    AxumQuery::try_from_uri(&uri).map(|AxumQuery(value)| value).map_err(|error| {
        let said = error.body_text();
        let said = said.strip_prefix("Failed to deserialize query string: ").unwrap_or(&said);
        let (member, said) = said.split_once(": ").unwrap_or((".", said));
        member_error("query", member, said)
    })
}

/// A yes-or-no in the query: `?force`, `?force=true` and `?force=1` all say yes.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match String::deserialize(deserializer)?.to_ascii_lowercase().as_str() {
        "" | "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err(D::Error::custom("must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use happening_core::wire::EventsQuery;

    fn read(query: &str) -> Result<EventsQuery, Error> {
        let uri = format!("/events?{query}").parse().expect("an address");
        read_query(&uri, |(_, value)| !value.is_empty())
    }

    async fn told(query: &str) -> String {
        let response = read(query).expect_err("refused").into_response();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
        let problem: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        problem["detail"].as_str().expect("a sentence").to_owned()
    }

    #[tokio::test]
    async fn what_is_wrong_in_a_query_names_the_parameter() {
        assert_eq!(told("limit=1&limit=2").await, "limit: is there twice.");
        assert_eq!(told("limit=x").await, "limit: must be a whole number, 0 or more.");
        assert_eq!(told("org_id=x").await, "org_id: must be an id (a UUID).");
        assert_eq!(told("q=a%00b").await, "q: must not contain NUL.");
        assert_eq!(told("a%00=b").await, "a\u{2400}: must not contain NUL.");
        assert!(told("status=odd").await.starts_with("status: `odd` is none of"));
    }

    #[test]
    fn what_is_empty_is_absent() {
        let all = read("org_id=&created_by=&status=&q=&limit=&cursor=").expect("readable");
        assert_eq!(all, EventsQuery::default());
        assert_eq!(read("q=a%26b+c&limit=").expect("readable").q.as_deref(), Some("a&b c"));
    }
}
