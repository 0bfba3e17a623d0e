//! A request on its way: the one place that all of them pass, each attempt with a token that is valid then.

use super::retry::{self, Next};
use super::{Client, ClientError, Incoming, Outgoing, RawResponse};
use crate::net;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Request, StatusCode};
use tokio::time::Instant;

/// The token that a request was sent with, if any.
pub(super) type Bearer = Option<String>;

impl Client {
    /// Sends `request` until it is answered with something other than "busy", or the time is up.
    pub(super) async fn exchange(&self, request: Request) -> Result<RawResponse, ClientError> {
        let changes = retry::changes(&request) && !self.options.dry_run;
        let mut bearer = self.bearer(&request).await?;
        // A sign-in that has to be renewed first takes none of the request's time.
        let deadline = Instant::now() + self.options.timeout;
        // What is not known any more: a change that was sent, and whose answer was lost.
        let mut doubt = None;
        let (mut attempt, mut may_renew) = (0, true);
        loop {
            // A body that is a stream cannot be sent twice; ours are bytes in memory.
            let Some(again) = request.try_clone() else {
                return self.send_once(request, bearer.as_deref(), changes, deadline).await;
            };
            let outcome = self.send_once(again, bearer.as_deref(), changes, deadline).await;
            if may_renew && Instant::now() < deadline {
                match self.instead_of(bearer.as_deref(), &outcome).await {
                    Ok(None) => {}
                    Ok(renewed) => {
                        (bearer, may_renew) = (renewed, false);
                        continue;
                    }
                    Err(error) => return Err(doubt.unwrap_or(error)),
                }
            }
            let next = retry::next(&request, &outcome, changes, doubt.is_some(), attempt);
            if let Err(error @ ClientError::Lost { .. }) = &outcome {
                doubt = Some(error.clone());
            }
            if next == Next::Settled {
                return outcome;
            }
            let pause = self.options.pause(outcome.as_ref().ok(), attempt);
            let pause = pause.filter(|pause| next == Next::Again && Instant::now() + *pause < deadline);
            let Some(pause) = pause else { return doubt.map_or(outcome, Err) };
            if let Some(observer) = &self.options.observer {
                observer.pausing(&retry::why(&outcome), pause);
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
            bearer = match self.bearer(&request).await {
                Ok(bearer) => bearer,
                Err(error) => return Err(doubt.unwrap_or(error)),
            };
        }
    }

    /// Another token, if the daemon has refused this one and there is another. That nobody is signed in any more is the
    /// issuer's to say; where it says nothing, the daemon's refusal stands.
    async fn instead_of(
        &self,
        bearer: Option<&str>,
        outcome: &Result<RawResponse, ClientError>,
    ) -> Result<Bearer, ClientError> {
        if outcome.as_ref().is_ok_and(|answer| answer.status() == StatusCode::UNAUTHORIZED) {
            return match self.other_than(bearer).await {
                Err(error @ ClientError::NotSignedIn(_)) => Err(error),
                other => Ok(other.unwrap_or_default()),
            };
        }
        Ok(None)
    }

    /// The token for a request: none if it has one already, or if nobody is signed in.
    pub(super) async fn bearer(&self, request: &Request) -> Result<Bearer, ClientError> {
        if request.headers().contains_key(AUTHORIZATION) {
            return Ok(None);
        }
        self.tokens.access_token().await
    }

    /// A token in place of one that the daemon did not accept.
    pub(super) async fn other_than(&self, refused: Option<&str>) -> Result<Bearer, ClientError> {
        let Some(refused) = refused else { return Ok(None) };
        Ok(self.tokens.renewed(refused).await?.filter(|token| token != refused))
    }

    /// Attaches the token, once it is certain that the request goes to the daemon.
    pub(super) fn authorize(&self, request: &mut Request, bearer: Option<&str>) -> Result<(), ClientError> {
        self.endpoint.check(request.url())?;
        let Some(bearer) = bearer else { return Ok(()) };
        let mut value = HeaderValue::try_from(format!("Bearer {bearer}")).map_err(|_| {
            ClientError::NotSignedIn("the access token is not one that a header can have".to_owned())
        })?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }

    /// Sends it and reads the whole answer: one that breaks off is none.
    async fn send_once(
        &self,
        mut request: Request,
        bearer: Option<&str>,
        changes: bool,
        deadline: Instant,
    ) -> Result<RawResponse, ClientError> {
        self.authorize(&mut request, bearer)?;
        let lost = |error| ClientError::of_transport(self.server(), &error, changes);
        let begun = Instant::now();
        *request.timeout_mut() = Some(deadline.saturating_duration_since(begun));
        if let Some(observer) = &self.options.observer {
            observer.sending(&Outgoing {
                method: request.method().as_str(),
                url: request.url().as_str(),
                headers: texts(request.headers()),
                body: request.body().and_then(reqwest::Body::as_bytes),
            });
        }
        let mut response = self.http.execute(request).await.map_err(lost)?;
        if let Some(observer) = &self.options.observer {
            let headers = texts(response.headers());
            observer.answered(&Incoming {
                status: response.status().as_u16(),
                headers,
                took: begun.elapsed(),
            });
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut answer = RawResponse::new(response.bytes().await.map_err(lost)?.into());
        (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
        if changes && retry::is_a_proxys(&answer) {
            let reason = format!("a proxy or the daemon answered {status}{}", net::through(self.server()));
            return Err(ClientError::Lost { server: self.server().to_string(), reason });
        }
        Ok(answer)
    }
}

fn texts(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
}

#[cfg(test)]
mod tests;
