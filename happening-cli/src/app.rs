//! What a command works with: the console, the configuration, and the daemon.

use crate::cli::Global;
use crate::exit::CliError;
use crate::output::{Console, visible};
use happening_core::client::{Client, ClientError, FixedToken};
use happening_core::clock::Clock;
use happening_core::id::OrganizationId;
use happening_core::signin::{self, Config, Environment, Session, SigninError};
use happening_core::wire::{Membership, Role, User};
use std::cell::Cell;
use std::time::Duration;
use url::Url;

/// The means of a command. Making it reads the configuration and asks nobody.
pub struct App<'a> {
    pub console: &'a Console,
    pub config: Config,
    pub clock: Clock,
    pub server: Url,
    timeout: Duration,
    is_changing: Cell<bool>,
}

impl<'a> App<'a> {
    pub fn new(global: &Global, console: &'a Console) -> Result<Self, SigninError> {
        let config = Config::load(Environment::of_process())?;
        let server = config.server(global.server.as_deref())?.url;
        Ok(Self {
            console,
            config,
            clock: Clock::system(),
            server,
            timeout: global.timeout,
            is_changing: Cell::new(false),
        })
    }

    /// Waits for a request that changes something. If Ctrl-C comes meanwhile, that is told: nobody should have to guess
    /// whether their booking was made.
    pub async fn change<T>(&self, request: impl Future<Output = T>) -> T {
        self.is_changing.set(true);
        let answer = request.await;
        self.is_changing.set(false);
        answer
    }

    /// What a Ctrl-C has interrupted.
    pub fn interrupted(&self) -> CliError {
        if self.is_changing.get() { CliError::InterruptedChange } else { CliError::Interrupted }
    }

    /// A client for what needs no token.
    pub fn anonymous(&self) -> Client {
        Client::with_timeout(self.server.clone(), FixedToken(None), self.timeout)
    }

    /// A client that asks as whoever is signed in.
    pub fn caller(&self) -> Result<Caller, SigninError> {
        let session = signin::session(&self.server, &self.config, &self.clock)?;
        Ok(Caller { client: session.client(self.timeout), session })
    }
}

/// The daemon, asked as whoever is signed in.
pub struct Caller {
    pub client: Client,
    pub session: Session,
}

impl Caller {
    /// The caller as the daemon knows them. Whoever comes with a token of their own may not be known yet.
    pub async fn me(&self) -> Result<User, anyhow::Error> {
        let person = signin::ensure_person(&self.session, &self.client).await?;
        person.user.ok_or_else(|| {
            ClientError::NotSignedIn("the token names no person (it has no e-mail address)".to_owned()).into()
        })
    }

    /// The organization that is meant by an id, or by a name among the caller's own.
    pub async fn organization(&self, id_or_name: &str) -> Result<OrganizationId, anyhow::Error> {
        if let Ok(id) = id_or_name.parse() {
            return Ok(id);
        }
        let mine = self.memberships().await?;
        let mut named = mine.iter().filter(|m| m.organization_name.eq_ignore_ascii_case(id_or_name));
        match (named.next(), named.next()) {
            (Some(one), None) => Ok(one.organization_id),
            (Some(_), Some(_)) => Err(CliError::Usage(format!(
                "several of your organizations are called `{}`: name the id\n{}",
                visible(id_or_name),
                listed(&mine)
            ))
            .into()),
            (None, _) => Err(CliError::NotFound(format!(
                "none of your organizations is called `{}`\n{}",
                visible(id_or_name),
                listed(&mine)
            ))
            .into()),
        }
    }

    /// The organization in which the caller may publish, if it is only one.
    pub async fn publishing_organization(&self) -> Result<OrganizationId, anyhow::Error> {
        let mut mine = self.memberships().await?;
        mine.retain(|membership| membership.role >= Role::Organizer);
        match mine.as_slice() {
            [one] => Ok(one.organization_id),
            [] => Err(CliError::Usage(
                "you are organizer or orgAdmin in no organization: name one with --org, or ask an orgAdmin for the role"
                    .to_owned(),
            )
            .into()),
            several => Err(CliError::Usage(format!(
                "you may publish in several organizations: name one with --org\n{}",
                listed(several)
            ))
            .into()),
        }
    }

    async fn memberships(&self) -> Result<Vec<Membership>, anyhow::Error> {
        Ok(self.me().await?.organizations.unwrap_or_default())
    }
}

fn listed(memberships: &[Membership]) -> String {
    let lines: Vec<_> = memberships
        .iter()
        .map(|m| format!("  {}  {} ({})", m.organization_id, visible(&m.organization_name), m.role))
        .collect();
    lines.join("\n")
}
