//! What a command works with: the console, the configuration, and the daemon.

use crate::cli::Global;
use crate::declare::Tally;
use crate::exit::CliError;
use crate::leftovers::Leftovers;
use crate::output::{Console, visible};
use crate::trace::Trace;
use happening_core::client::{Client, ClientError, DEFAULT_TIMEOUT, FixedToken, Manner, Page};
use happening_core::clock::Clock;
use happening_core::id::{OrganizationId, UserId};
use happening_core::signin::{self, Config, Environment, ServerChoice, Session, SigninError};
use happening_core::wire::{ErrorCode, Membership, Role, User};
use serde::de::DeserializeOwned;
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The means of a command. Making it reads the configuration and asks nobody.
pub struct App<'a> {
    pub console: &'a Console,
    pub config: Config,
    pub clock: Clock,
    pub server: ServerChoice,
    manner: Manner,
    timeout: Option<Duration>,
    trace: Arc<Trace>,
    is_changing: Cell<bool>,
    /// How far a plan of many changes has come.
    pub tally: Tally,
    /// What the command has made for itself alone.
    pub leftovers: Leftovers,
}

impl<'a> App<'a> {
    pub fn new(global: &Global, console: &'a Console) -> Result<Self, SigninError> {
        let config = Config::load(Environment::of_process())?;
        let server = match &global.context {
            Some(name) => config.server_of_context(name)?,
            None => config.server(global.server.as_deref())?,
        };
        let tells_pauses = console.shows_progress();
        let trace = Arc::new(Trace::new(global.verbose, global.curl, tells_pauses));
        let manner = Manner {
            timeout: global.timeout.unwrap_or(DEFAULT_TIMEOUT),
            keys: Some(draw),
            dry_run: console.dry_run,
            observer: Some(trace.clone()),
        };
        let is_changing = Cell::new(false);
        Ok(Self {
            console,
            config,
            clock: Clock::system(),
            server,
            manner,
            timeout: global.timeout,
            trace,
            is_changing,
            tally: Tally::default(),
            leftovers: Leftovers::default(),
        })
    }

    /// `--timeout`, for what goes on until it is told to end.
    pub fn time_limit(&self) -> Option<Duration> {
        self.timeout
    }

    /// How long to wait for what a command was told to wait for.
    pub fn patience(&self) -> Duration {
        self.timeout.unwrap_or(DEFAULT_TIMEOUT)
    }

    /// A number that nobody guesses.
    #[expect(clippy::unused_self, reason = "randomness is had from whoever has the means")]
    pub fn draw(&self) -> Uuid {
        draw()
    }

    /// Under which the daemon's log has the last request.
    pub fn last_request_id(&self) -> Option<String> {
        self.trace.last_request_id()
    }

    /// Waits for a request that changes something. If Ctrl-C comes meanwhile, that is told: nobody should have to guess
    /// whether their booking was made.
    pub async fn change<T>(&self, request: impl Future<Output = T>) -> T {
        self.is_changing.set(!self.console.dry_run);
        let answer = request.await;
        self.is_changing.set(false);
        answer
    }

    /// What a Ctrl-C has interrupted.
    pub fn interrupted(&self) -> CliError {
        if let Some(told) = self.tally.told() {
            return CliError::InterruptedPlan(told);
        }
        if self.is_changing.get() { CliError::InterruptedChange } else { CliError::Interrupted }
    }

    /// A client for what needs no token.
    pub fn anonymous(&self) -> Client {
        Client::with_manner(self.server.url.clone(), FixedToken(None), self.manner.clone())
    }

    /// A client that asks as whoever is signed in.
    pub fn caller(&self) -> Result<Caller, SigninError> {
        let session = signin::session(&self.server.url, &self.config, &self.clock)?;
        Ok(Caller { client: session.client_with(self.manner.clone()), session })
    }
}

/// Keys of writes, which need no order and must not be guessed.
fn draw() -> Uuid {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws keys")]
    Uuid::new_v4()
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

    /// The organization that is meant by an id, or by a name among the caller's own or, for staff, among all.
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
            (None, _) => self.organization_of_others(id_or_name, &mine).await,
        }
    }

    /// Staff see them all; who is none sees their own here too.
    async fn organization_of_others(
        &self,
        name: &str,
        mine: &[Membership],
    ) -> Result<OrganizationId, anyhow::Error> {
        let all = self.client.organizations().await?;
        let mut named = all.iter().filter(|one| one.name.eq_ignore_ascii_case(name));
        let why = match (named.next(), named.next()) {
            (Some(one), None) => return Ok(one.id),
            (Some(_), Some(_)) => {
                return Err(CliError::Usage(format!(
                    "several organizations are called `{}`: `happening org list --any` shows their ids",
                    visible(name)
                ))
                .into());
            }
            (None, _) if mine.is_empty() => format!("no organization is called `{}`", visible(name)),
            (None, _) => {
                format!("none of your organizations is called `{}`\n{}", visible(name), listed(mine))
            }
        };
        Err(CliError::NotFound(why).into())
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

    /// The user that is meant by an id, or by a username or an e-mail address.
    pub async fn user(&self, id_or_name: &str) -> Result<UserId, anyhow::Error> {
        if let Ok(id) = id_or_name.parse() {
            return Ok(id);
        }
        let found = match self.client.search_users(id_or_name).await {
            // Who may search nobody may still name themselves.
            Err(error) if error.code() == Some(ErrorCode::Forbidden) => vec![self.me().await?],
            found => found?,
        };
        let is_meant = |user: &&User| {
            user.username.eq_ignore_ascii_case(id_or_name) || user.email.eq_ignore_ascii_case(id_or_name)
        };
        found.iter().find(is_meant).map(|user| user.id).ok_or_else(|| {
            CliError::NotFound(format!(
                "nobody is called `{}`: `happening user list` finds people",
                visible(id_or_name)
            ))
            .into()
        })
    }

    /// The user that is meant, or the caller if none is.
    pub async fn user_or_me(&self, id_or_name: Option<&str>) -> Result<UserId, anyhow::Error> {
        match id_or_name {
            Some(user) => self.user(user).await,
            None => Ok(self.me().await?.id),
        }
    }

    /// What is on this page and on those after it, up to so many.
    pub async fn all_of<T: DeserializeOwned>(
        &self,
        first: Page<T>,
        most: usize,
    ) -> Result<Vec<T>, ClientError> {
        let Page { mut items, mut next } = first;
        while let Some(link) = next.filter(|_| items.len() < most) {
            let page = self.client.next_page(&link).await?;
            items.extend(page.items);
            next = page.next;
        }
        items.truncate(most);
        Ok(items)
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
