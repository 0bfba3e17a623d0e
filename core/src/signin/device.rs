//! The device flow (RFC 8628): the issuer hands out a code, a person approves it in any browser, we ask until it is done.

use super::grant::{failure, mishap, oauth_client};
use super::issuer::{IssuerHttp, NoAnswer};
use super::{Issuer, SigninError, Tokens};
use crate::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use oauth2::basic::BasicErrorResponseType;
use oauth2::{
    AsyncHttpClient, DeviceAuthorizationUrl, DeviceCodeErrorResponse, DeviceCodeErrorResponseType,
    HttpRequest, HttpResponse, RequestTokenError, Scope, StandardDeviceAuthorizationResponse,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// `offline_access`: a terminal may be idle for longer than a browser's session lives.
const SCOPES: [&str; 2] = ["openid", "offline_access"];

/// The shortest pause between two polls, whatever the issuer says: `interval: 0` must not have it asked without a pause.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// A code that ends at a moment has ended this long after it.
const AFTER_THE_END: Duration = Duration::from_millis(10);

/// A sign-in that waits for its approval.
#[derive(Debug, Clone)]
pub struct DeviceLogin {
    /// What the person types in or compares.
    pub user_code: String,
    /// Where.
    pub verification_uri: String,
    /// The same with the code in it, if the issuer makes one.
    pub verification_uri_complete: Option<String>,
    /// When the code is worth nothing any more.
    pub expires_at: DateTime<Utc>,
    /// How often we may ask.
    pub interval: Duration,
    issuer: Issuer,
    client_id: String,
    response: StandardDeviceAuthorizationResponse,
    unanswered: Arc<AtomicBool>,
}

impl DeviceLogin {
    /// Asks the issuer for a code.
    pub async fn start(issuer: &Issuer, client_id: &str, clock: &Clock) -> Result<Self, SigninError> {
        let Some(endpoint) = issuer.device_authorization_endpoint.clone() else {
            return Err(SigninError::NoDeviceFlow(issuer.issuer.clone()));
        };
        let asked_at = clock.now();
        let http = IssuerHttp::new(&issuer.issuer);
        let response: StandardDeviceAuthorizationResponse = oauth_client(issuer, client_id)
            .set_device_authorization_url(DeviceAuthorizationUrl::from_url(endpoint))
            .exchange_device_code()
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .request_async(&http)
            .await
            .map_err(|error| failure(error, &issuer.issuer))?;
        let life = TimeDelta::from_std(response.expires_in()).unwrap_or(TimeDelta::MAX);
        Ok(Self {
            user_code: response.user_code().secret().clone(),
            verification_uri: response.verification_uri().to_string(),
            verification_uri_complete: response.verification_uri_complete().map(|uri| uri.secret().clone()),
            expires_at: asked_at.checked_add_signed(life).unwrap_or(DateTime::<Utc>::MAX_UTC),
            interval: response.interval().max(SHORTEST_INTERVAL),
            issuer: issuer.clone(),
            client_id: client_id.to_owned(),
            response,
            unanswered: Arc::default(),
        })
    }

    /// Whether the issuer left the last poll unanswered. It will be asked again.
    pub fn is_unanswered(&self) -> bool {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// Waits until the person has decided, or the code has expired, also while the issuer does not answer: it is asked
    /// again at growing distances (RFC 8628, section 3.5). Dropping the future gives up.
    pub async fn wait(&self, clock: &Clock) -> Result<Tokens, SigninError> {
        let http =
            Polling { http: IssuerHttp::new(&self.issuer.issuer), unanswered: self.unanswered.clone() };
        let client = oauth_client(&self.issuer, &self.client_id);
        let left = || (self.expires_at - clock.now()).to_std().unwrap_or_default();
        // Never beyond the end of the code, which is to be reported when it comes.
        let pause =
            |pause: Duration| tokio::time::sleep(pause.max(SHORTEST_INTERVAL).min(left() + AFTER_THE_END));
        let polling = client
            .exchange_device_access_token(&self.response)
            .set_time_fn(|| clock.now())
            .request_async(&http, pause, Some(left()));
        match polling.await {
            // `oauth2` polls at once and then sleeps, so the token came with a request that began a moment ago.
            Ok(response) => Ok(Tokens::of(&response, clock.now())),
            Err(error) => Err(self.refusal(error, clock.now())),
        }
    }

    fn refusal(
        &self,
        error: RequestTokenError<NoAnswer, DeviceCodeErrorResponse>,
        now: DateTime<Utc>,
    ) -> SigninError {
        let RequestTokenError::ServerResponse(refusal) = error else {
            return mishap(error, &self.issuer.issuer);
        };
        match refusal.error() {
            DeviceCodeErrorResponseType::AccessDenied => SigninError::Denied,
            // `oauth2` also says so itself, when time runs out while nobody answers.
            DeviceCodeErrorResponseType::ExpiredToken if self.is_unanswered() => self.away(),
            DeviceCodeErrorResponseType::ExpiredToken => SigninError::Expired,
            // Keycloak forgets expired codes, and then calls them invalid.
            DeviceCodeErrorResponseType::Basic(BasicErrorResponseType::InvalidGrant)
                if now + self.interval >= self.expires_at =>
            {
                SigninError::Expired
            }
            other => SigninError::Refused {
                error: other.to_string(),
                description: refusal.error_description().cloned(),
            },
        }
    }

    fn away(&self) -> SigninError {
        let reason = "it stopped answering while the code was waiting for approval".to_owned();
        SigninError::Unreachable { issuer: self.issuer.issuer.clone(), reason }
    }
}

/// HTTP that notes whether it was answered: `oauth2` takes every failed poll for a passing one, until the code expires.
struct Polling {
    http: IssuerHttp,
    unanswered: Arc<AtomicBool>,
}

impl Polling {
    async fn note(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let answer = self.http.call(request).await;
        self.unanswered.store(answer.is_err(), Ordering::Relaxed);
        answer
    }
}

impl<'c> AsyncHttpClient<'c> for Polling {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.note(request))
    }
}
