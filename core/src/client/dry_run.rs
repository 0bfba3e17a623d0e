//! Writes that are only tried: each is sent with `?dry_run=true`, to a daemon that says it knows what that is. What it
//! answers is no thing that exists, so it is no answer but [`ClientError::Tried`], which ends whatever a caller meant to do
//! with the thing.

use super::{Client, ClientError, RawResponse, options};
use reqwest::{Method, Request};

/// By which an answer says that nothing was done.
const DRY_RUN: &str = "dry-run";

impl Client {
    /// Whether a request is only to be tried.
    pub(super) fn only_tries(&self, request: &Request) -> bool {
        self.options.dry_run && request.method() != Method::GET
    }

    /// Makes a dry run of a request. An older daemon would not look at the parameter and carry it out, so it is asked first.
    pub(super) async fn as_dry_run(&self, request: &mut Request) -> Result<(), ClientError> {
        if !Box::pin(self.discovery()).await?.dry_runs {
            return Err(ClientError::NoDryRuns);
        }
        request.url_mut().query_pairs_mut().append_pair("dry_run", "true");
        // One that was drawn for this request alone names no earlier one.
        if self.key.is_none() {
            request.headers_mut().remove(options::IDEMPOTENCY_KEY);
        }
        Ok(())
    }

    /// What would have been answered. A success that does not say so may be one. An answer that the daemon has kept from
    /// an earlier request under the same key is none of a dry run: what it says exists, or did.
    pub(super) fn tried(response: RawResponse) -> Result<RawResponse, ClientError> {
        if response.headers().get(DRY_RUN).is_none_or(|value| value != "true") {
            return Err(ClientError::Broken(
                "the daemon did not say that this was a dry run: please look whether it was done".to_owned(),
            ));
        }
        if response.headers().contains_key(options::REPLAYED) {
            return Ok(response);
        }
        Err(ClientError::Tried(String::from_utf8_lossy(response.body()).into_owned()))
    }
}
