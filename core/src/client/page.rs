//! Lists in pages: the next one is named by the answer's `Link` (RFC 8288).

use super::{Client, ClientError};
use reqwest::Method;
use reqwest::header::{HeaderMap, LINK};
use serde::{Serialize, de::DeserializeOwned};

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Path and query of the next one; absent on the last.
    pub next: Option<String>,
}

impl Client {
    /// The page after another one.
    pub async fn next_page<T: DeserializeOwned>(&self, next: &str) -> Result<Page<T>, ClientError> {
        self.get_page(next, &()).await
    }

    pub(super) async fn get_page<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<Page<T>, ClientError> {
        let response = self.send_raw(self.request(Method::GET, path)?.query(query)).await?;
        if !response.status().is_success() {
            return Err(self.refusal(&response));
        }
        let next = next_of(response.headers());
        let next = next.map(|link| self.endpoint.follow(path, &link)).transpose()?;
        Ok(Page { items: Self::decode(&response)?, next })
    }
}

/// The target of `rel="next"`.
fn next_of(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    links.flat_map(|value| value.split(',')).find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        parameters.contains("rel=\"next\"").then(|| target.to_owned())
    })
}
