//! Lists in pages: a bare array, and where the next page is in the header `Link` (RFC 8288).

use super::etag::Encoded;
use super::json::Json;
use crate::service;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use url::form_urlencoded;

/// A page, and the address of the next one.
pub struct Paged<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<T> Paged<T> {
    /// A page of the list at `uri`. The next one is there too, with the parameter `name` set to what `next` says.
    pub fn new(uri: &Uri, items: Vec<T>, name: &str, next: Option<String>) -> Self {
        Self { items, next: next.map(|value| address(uri, name, &value)) }
    }
}

/// The same list with the parameter `name` set to `value`.
fn address(uri: &Uri, name: &str, value: &str) -> String {
    let asked = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(asked.filter(|(key, _)| key != name))
        .append_pair(name, value)
        .finish();
    format!("{}?{query}", uri.path())
}

impl<T> Paged<T> {
    /// Where the next page is, for the header `Link`.
    pub fn link(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("<{}>; rel=\"next\"", self.next.as_ref()?)).ok()
    }
}

impl<T: Serialize> Paged<T> {
    /// The page as JSON, and its link.
    pub fn encode(self) -> Result<(Encoded, Option<HeaderValue>), service::Error> {
        Ok((Encoded::of(&self.items)?, self.link()))
    }
}

impl<T: Serialize> IntoResponse for Paged<T> {
    fn into_response(self) -> Response {
        let link = self.link();
        let mut response = Json(self.items).into_response();
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_for_as_this_one_was() {
        let uri: Uri = "/list?q=a%26b&cursor=old&limit=2".parse().expect("an address");
        let page = Paged::new(&uri, vec![1, 2], "cursor", Some("n=w".to_owned()));
        let response = page.into_response();
        assert_eq!(response.headers()[header::LINK], "</list?q=a%26b&limit=2&cursor=n%3Dw>; rel=\"next\"");
        let last = Paged::new(&uri, vec![1], "cursor", None).into_response();
        assert!(!last.headers().contains_key(header::LINK));
    }
}
