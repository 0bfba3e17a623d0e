//! Keycloak's admin API, as the service account of our client: never as an administrator. It needs two roles of the client
//! `realm-management`: `manage-organizations`, and `manage-users` for members and accounts.

use super::error::DirectoryError;
use super::token::ServiceAccount;
use super::{Account, Addition, Directory, DirectoryOrganization, HAPPENING_ID};
use crate::identity::fetch::http_client;
use async_trait::async_trait;
use happening_core::id::OrganizationId;
use reqwest::{Method, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Nobody's request waits for this, and a Keycloak that starts is slow.
const TIMEOUT: Duration = Duration::from_secs(8);

/// What is kept of an answer that is an error.
const SAID: usize = 200;

/// Where the directory is, and who we are there.
#[derive(Clone)]
pub struct DirectorySettings {
    /// Keycloak's address from here.
    pub server: String,
    /// The realm.
    pub realm: String,
    /// Our client.
    pub client: String,
    /// Its secret.
    pub secret: String,
}

/// The directory of a Keycloak realm.
pub struct KeycloakDirectory {
    pub(super) http: reqwest::Client,
    pub(super) realm: Url,
    pub(super) account: ServiceAccount,
}

/// The role that a request needs.
#[derive(Clone, Copy)]
enum Right {
    Organizations,
    Users,
}

struct KeycloakResponse {
    status: StatusCode,
    location: Option<String>,
    body: Vec<u8>,
}

impl KeycloakDirectory {
    /// A directory that is asked for nothing yet.
    pub fn new(settings: &DirectorySettings) -> Result<Self, url::ParseError> {
        let server = settings.server.trim_end_matches('/');
        Ok(Self {
            http: http_client(server, TIMEOUT),
            realm: format!("{server}/admin/realms/{}/", settings.realm).parse()?,
            account: ServiceAccount::new(settings),
        })
    }

    /// Asks; a token that is no longer accepted is renewed once. Answers that mean the same everywhere become errors here.
    async fn ask(
        &self,
        right: Right,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<KeycloakResponse, DirectoryError> {
        let mut url = self.realm.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let mut is_renewed = false;
        loop {
            let token = self.account.token(&self.http).await?;
            let mut request = self.http.request(method.clone(), url.clone()).bearer_auth(&token).query(query);
            if let Some(body) = &body {
                request = request.json(body);
            }
            let answer = Self::send(request, method != Method::GET).await?;
            match answer.status {
                StatusCode::UNAUTHORIZED => {
                    self.account.forget(&token).await;
                    if std::mem::replace(&mut is_renewed, true) {
                        return Err(DirectoryError::SignIn(said(&answer.body)));
                    }
                }
                StatusCode::FORBIDDEN => return Err(self.not_permitted(right)),
                StatusCode::CONFLICT => return Err(DirectoryError::Conflict(said(&answer.body))),
                _ => return Ok(answer),
            }
        }
    }

    async fn has_member(&self, organization: &str, subject: &str) -> Result<bool, DirectoryError> {
        let path = ["organizations", organization, "members", subject];
        let answer = self.ask(Right::Users, Method::GET, &path, &[], None).await?;
        if answer.is_absent() { Ok(false) } else { answer.done().map(|_| true) }
    }

    async fn send(
        request: reqwest::RequestBuilder,
        changes: bool,
    ) -> Result<KeycloakResponse, DirectoryError> {
        let sent = request.header(header::ACCEPT, "application/json").send().await;
        let answer = sent.map_err(|error| unreachable(&error, changes))?;
        let status = answer.status();
        let location = answer.headers().get(header::LOCATION);
        let location = location.and_then(|location| location.to_str().ok()).map(ToOwned::to_owned);
        // A proxy that has no answer from Keycloak.
        if [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT]
            .contains(&status)
        {
            return Err(DirectoryError::Unreachable { reason: status.to_string(), unsettled: changes });
        }
        let body = answer.bytes().await.map_err(|error| unreachable(&error, changes))?;
        Ok(KeycloakResponse { status, location, body: body.to_vec() })
    }

    fn not_permitted(&self, right: Right) -> DirectoryError {
        let role = match right {
            Right::Organizations => "manage-organizations",
            Right::Users => "manage-users",
        };
        DirectoryError::NotPermitted { client: self.account.client().to_owned(), role }
    }
}

impl KeycloakResponse {
    fn done(self) -> Result<Self, DirectoryError> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(DirectoryError::Refused { status: self.status.as_u16(), said: said(&self.body) })
    }

    fn read<T: DeserializeOwned>(self) -> Result<T, DirectoryError> {
        let status = self.status.as_u16();
        let body = self.done()?.body;
        let not_understood = |error: serde_json::Error| DirectoryError::Refused {
            status,
            said: format!("what is not understood: {error}"),
        };
        serde_json::from_slice(&body).map_err(not_understood)
    }

    /// Keycloak says that what was asked for is not there. A realm that is not there, or a path that a proxy does not know,
    /// says nothing about anybody: taken for an answer it would lock everybody out.
    fn is_absent(&self) -> bool {
        let absent = ["User not found", "Organization not found.", "HTTP 404 Not Found"];
        self.status == StatusCode::NOT_FOUND && absent.contains(&said(&self.body).as_str())
    }

    /// Absent is as good as done.
    fn gone(self) -> Result<(), DirectoryError> {
        if self.is_absent() { Ok(()) } else { self.done().map(drop) }
    }

    fn found<T: DeserializeOwned>(self) -> Result<Option<T>, DirectoryError> {
        if self.is_absent() { Ok(None) } else { self.read().map(Some) }
    }
}

/// What an error's body says, shortened.
pub(super) fn said(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(value) => ["errorMessage", "error_description", "error"]
            .iter()
            .find_map(|member| value[member].as_str().map(ToOwned::to_owned))
            .unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    text.chars().filter(|letter| !letter.is_control()).take(SAID).collect()
}

/// No answer. What could not even connect was never sent.
pub(super) fn unreachable(error: &reqwest::Error, changes: bool) -> DirectoryError {
    let reason = match (error.is_connect(), error.is_timeout()) {
        (true, _) => "no connection",
        (false, true) => "no answer in time",
        (false, false) => "the connection broke",
    };
    DirectoryError::Unreachable { reason: reason.to_owned(), unsettled: changes && !error.is_connect() }
}

fn json(value: &impl Serialize) -> Option<Value> {
    serde_json::to_value(value).ok()
}

#[async_trait]
impl Directory for KeycloakDirectory {
    async fn check(&self) -> Result<(), DirectoryError> {
        let one = [("first", "0"), ("max", "1")];
        self.ask(Right::Organizations, Method::GET, &["organizations"], &one, None).await?.done()?;
        self.ask(Right::Users, Method::GET, &["users", "count"], &[], None).await?.done().map(drop)
    }

    async fn find_organization(&self, id: &str) -> Result<Option<DirectoryOrganization>, DirectoryError> {
        self.ask(Right::Organizations, Method::GET, &["organizations", id], &[], None).await?.found()
    }

    async fn find_organization_of(
        &self,
        ours: OrganizationId,
    ) -> Result<Option<DirectoryOrganization>, DirectoryError> {
        let attribute = format!("{HAPPENING_ID}:{ours}");
        // Without `max` only ten are looked at, and without the full form attributes are left out.
        let query = [("q", attribute.as_str()), ("max", "-1"), ("briefRepresentation", "false")];
        let answer = self.ask(Right::Organizations, Method::GET, &["organizations"], &query, None).await?;
        let mut found: Vec<DirectoryOrganization> = answer.read()?;
        found.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(found.into_iter().next())
    }

    async fn create_organization(
        &self,
        organization: &DirectoryOrganization,
    ) -> Result<String, DirectoryError> {
        let body = json(organization);
        let answer = self.ask(Right::Organizations, Method::POST, &["organizations"], &[], body).await?;
        let answer = answer.done()?;
        let id = answer.location.as_deref().and_then(|location| location.rsplit('/').next());
        id.filter(|id| !id.is_empty()).map(ToOwned::to_owned).ok_or_else(|| DirectoryError::Refused {
            status: answer.status.as_u16(),
            said: "a new organization without its id".to_owned(),
        })
    }

    async fn update_organization(&self, organization: &DirectoryOrganization) -> Result<(), DirectoryError> {
        let path = ["organizations", organization.id.as_str()];
        self.ask(Right::Organizations, Method::PUT, &path, &[], json(organization)).await?.done().map(drop)
    }

    async fn delete_organization(&self, id: &str) -> Result<(), DirectoryError> {
        self.ask(Right::Organizations, Method::DELETE, &["organizations", id], &[], None).await?.gone()
    }

    async fn add_member(&self, organization: &str, subject: &str) -> Result<Addition, DirectoryError> {
        // Looked at first, so that a second look changes nothing.
        if self.has_member(organization, subject).await? {
            return Ok(Addition::Member);
        }
        let path = ["organizations", organization, "members"];
        match self.ask(Right::Users, Method::POST, &path, &[], Some(subject.into())).await {
            Err(DirectoryError::Conflict(_)) => Ok(Addition::Member),
            Err(error) => Err(error),
            Ok(answer) if answer.is_absent() => Ok(Addition::Nowhere),
            Ok(answer) if answer.status.is_success() => Ok(Addition::Member),
            // The loser of a race gets 400 or 500.
            Ok(_) if self.has_member(organization, subject).await? => Ok(Addition::Member),
            Ok(refused) => refused.done().map(|_| Addition::Member),
        }
    }

    async fn remove_member(&self, organization: &str, subject: &str) -> Result<(), DirectoryError> {
        if !self.has_member(organization, subject).await? {
            return Ok(());
        }
        let path = ["organizations", organization, "members", subject];
        self.ask(Right::Users, Method::DELETE, &path, &[], None).await?.gone()
    }

    async fn find_account(&self, subject: &str) -> Result<Option<Account>, DirectoryError> {
        self.ask(Right::Users, Method::GET, &["users", subject], &[], None).await?.found()
    }

    async fn delete_account(&self, subject: &str) -> Result<(), DirectoryError> {
        self.ask(Right::Users, Method::DELETE, &["users", subject], &[], None).await?.gone()
    }
}
