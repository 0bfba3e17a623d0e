//! The grants other than the device flow: refreshing, a service account's own credentials; and giving a token back.

use super::issuer::{IssuerHttp, NoAnswer};
use super::{Issuer, SigninError, Tokens};
use crate::clock::Clock;
use oauth2::basic::{BasicClient, BasicErrorResponseType};
use oauth2::{
    ClientId, ClientSecret, EndpointNotSet, EndpointSet, ErrorResponse, RefreshToken, RequestTokenError,
    StandardErrorResponse, TokenUrl,
};
use serde::Deserialize;

type TokenClient = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// The client of `oauth2` that knows the issuer's token endpoint.
pub(super) fn oauth_client(issuer: &Issuer, client_id: &str) -> TokenClient {
    BasicClient::new(ClientId::new(client_id.to_owned()))
        .set_token_uri(TokenUrl::from_url(issuer.token_endpoint.clone()))
}

/// New tokens for a refresh token. The answer may bring another refresh token, which then replaces this one.
pub async fn refresh(
    issuer: &Issuer,
    client_id: &str,
    refresh_token: &str,
    clock: &Clock,
) -> Result<Tokens, SigninError> {
    let http = IssuerHttp::new(&issuer.issuer);
    let asked_at = clock.now();
    let response = oauth_client(issuer, client_id)
        .exchange_refresh_token(&RefreshToken::new(refresh_token.to_owned()))
        .request_async(&http)
        .await
        .map_err(|error| failure(error, &issuer.issuer))?;
    Ok(Tokens::of(&response, asked_at))
}

/// Tokens of a service account. It has no refresh token: it asks again.
pub async fn client_credentials(
    issuer: &Issuer,
    client_id: &str,
    secret: &str,
    clock: &Clock,
) -> Result<Tokens, SigninError> {
    let http = IssuerHttp::new(&issuer.issuer);
    let asked_at = clock.now();
    let response = oauth_client(issuer, client_id)
        .set_client_secret(ClientSecret::new(secret.to_owned()))
        .exchange_client_credentials()
        .request_async(&http)
        .await
        .map_err(|error| failure(error, &issuer.issuer))?;
    Ok(Tokens::of(&response, asked_at))
}

/// Gives a refresh token back, so that it is worth nothing to a finder. `false` if the issuer takes none back.
///
/// By hand, because `oauth2` refuses to revoke at an address without TLS, as development issuers have.
pub async fn revoke(issuer: &Issuer, client_id: &str, refresh_token: &str) -> Result<bool, SigninError> {
    let Some(endpoint) = &issuer.revocation_endpoint else {
        return Ok(false);
    };
    let http = IssuerHttp::new(&issuer.issuer);
    let form = [("token", refresh_token), ("token_type_hint", "refresh_token"), ("client_id", client_id)];
    let answer = http
        .send(http.client.post(endpoint.clone()).form(&form))
        .await
        .map_err(|error| error.of(http.issuer()))?;
    if answer.status().is_success() {
        return Ok(true);
    }
    let refusal: Refusal = serde_json::from_slice(answer.body()).unwrap_or_default();
    let error = refusal.error.unwrap_or_else(|| answer.status().to_string());
    Err(SigninError::Refused { error, description: refusal.error_description })
}

#[derive(Default, Deserialize)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
}

/// What `oauth2` reports, in our words.
pub(super) fn failure(
    error: RequestTokenError<NoAnswer, StandardErrorResponse<BasicErrorResponseType>>,
    issuer: &str,
) -> SigninError {
    match error {
        RequestTokenError::ServerResponse(refusal) => SigninError::Refused {
            error: refusal.error().to_string(),
            description: refusal.error_description().cloned(),
        },
        other => mishap(other, issuer),
    }
}

/// The cases that are no refusal, for whatever kind of refusal there might have been.
pub(super) fn mishap<T: ErrorResponse + 'static>(
    error: RequestTokenError<NoAnswer, T>,
    issuer: &str,
) -> SigninError {
    let broken = |reason: String| SigninError::Broken { issuer: issuer.to_owned(), reason };
    match error {
        RequestTokenError::Request(error) => error.of(issuer),
        RequestTokenError::Parse(error, _) => broken(error.to_string()),
        RequestTokenError::ServerResponse(_) => broken("it refused".to_owned()),
        RequestTokenError::Other(reason) => broken(reason),
    }
}
