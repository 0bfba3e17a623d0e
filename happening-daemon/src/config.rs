//! Configuration: flags > environment > `happening.toml` > defaults.
//!
//! Without any of them every part is embedded. Each part is replaced by the real one as soon as its address is set.
//!
//! To add a setting: a field here with its default, and its name in `NAMES`; in capitals it is its environment variable.

mod check;
mod environment;
mod sources;

pub use sources::{Setting, Sources};

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

/// Settings that the environment knows by their name in capitals.
const NAMES: [&str; 59] = [
    "host",
    "port",
    "database_url",
    "db_host",
    "db_port",
    "db_name",
    "db_user",
    "db_password",
    "db_readers",
    "db_committers",
    "redis_url",
    "rabbitmq_url",
    "notifications_queue",
    "rabbitmq_management_url",
    "notification_tries",
    "notification_backoff_seconds",
    "webhook_url",
    "webhook_allow_private",
    "smtp_url",
    "mail_from",
    "default_language",
    "templates_dir",
    "public_url",
    "keycloak_server_url",
    "keycloak_realm",
    "keycloak_client_id",
    "keycloak_client_secret",
    "oidc_issuer",
    "oidc_trusted_clients",
    "oidc_trust_unverified_email",
    "allowed_origins",
    "trusted_proxies",
    "hold_ttl_seconds",
    "hold_seats_per_person",
    "max_seats_per_booking",
    "hold_seats_per_address",
    "max_connections",
    "connections_per_address",
    "max_streams",
    "streams_per_person",
    "requests_per_second",
    "anonymous_requests_per_second",
    "questions_per_second",
    "invites_per_hour",
    "organizations_per_hour",
    "organizations_per_person",
    "upcoming_events_per_organization",
    "open_invites_per_organization",
    "open_invites_per_address",
    "waiting_parties_per_event",
    "waiting_parties_per_person",
    "write_timeout_seconds",
    "sockets_per_person",
    "sockets_per_address",
    "sockets_per_connection",
    "socket_handshakes_per_second",
    "socket_messages_per_second",
    "socket_payload_bytes",
    "answers_per_caller",
];

/// Every setting.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 is any free one.
    pub port: u16,
    /// Where embedded parts keep their state.
    pub data_dir: PathBuf,
    /// PostgreSQL; absent: SQLite in `data_dir`.
    pub database_url: Option<String>,
    /// The same in pieces, as existing deployments set it.
    pub db_host: Option<String>,
    /// Default 5432.
    pub db_port: Option<u16>,
    /// Default `happening`.
    pub db_name: Option<String>,
    /// Default `postgres`.
    pub db_user: Option<String>,
    /// Default none.
    pub db_password: Option<String>,
    /// Connections for readers.
    pub db_readers: u32,
    /// Committers, and their connections.
    pub db_committers: u32,
    /// Redis; absent: in process.
    pub redis_url: Option<String>,
    /// RabbitMQ; absent: in process.
    pub rabbitmq_url: Option<String>,
    /// The queue's name.
    pub notifications_queue: String,
    /// RabbitMQ's management plugin, for figures; absent: only what AMQP has.
    pub rabbitmq_management_url: Option<String>,
    /// Tries until a notification is given up and parked, at least 1.
    pub notification_tries: u32,
    /// Seconds to the second try; each further pause doubles, up to an hour.
    pub notification_backoff_seconds: u32,
    /// Where each notification is sent by POST; absent: nowhere.
    pub webhook_url: Option<String>,
    /// Whether that may be an address that is not public.
    pub webhook_allow_private: bool,
    /// The mail server, `smtp://` or `smtps://`; absent: no mail is sent.
    pub smtp_url: Option<String>,
    /// Who sends mail, such as `Tickets <tickets@example.org>`.
    pub mail_from: Option<String>,
    /// The language of messages to people of whom none is known.
    pub default_language: String,
    /// Where templates are that replace those that are built in.
    pub templates_dir: Option<PathBuf>,
    /// Where people find events, for links in messages; absent: no links.
    pub public_url: Option<String>,
    /// Keycloak's address; absent: the built-in issuer.
    pub keycloak_server_url: Option<String>,
    /// The realm.
    pub keycloak_realm: String,
    /// The client that the daemon is, and the audience of access tokens.
    pub keycloak_client_id: String,
    /// Its secret.
    pub keycloak_client_secret: Option<String>,
    /// The issuer's public name, where it differs from the address at which the daemon reaches it.
    pub oidc_issuer: Option<String>,
    /// Clients whose tokens are accepted without the audience, separated by commas.
    pub oidc_trusted_clients: String,
    /// Whether an e-mail address counts as its owner's although the issuer does not say that it verified it.
    pub oidc_trust_unverified_email: bool,
    /// Browser origins that may call, separated by commas.
    pub allowed_origins: String,
    /// Addresses of proxies whose `X-Forwarded-For` is believed, separated by commas.
    pub trusted_proxies: String,
    /// How long a seat is held unless its hold is extended: 1 to 3,600 s.
    pub hold_ttl_seconds: u32,
    /// Seats that one person may hold at one event, at least 1.
    pub hold_seats_per_person: u32,
    /// Seats that one booking may have, at least 1. An event may set a lower number.
    pub max_seats_per_booking: u32,
    /// Seats that the anonymous sockets of one network address may hold at one event together; 0 is any number.
    pub hold_seats_per_address: u32,
    /// Connections; 0 is as many as there are files for, which also bound any other number.
    pub max_connections: u32,
    /// Connections of one address that is no trusted proxy; 0 is any number.
    pub connections_per_address: u32,
    /// Streams; 0 is half of the connections, which also bounds any other number.
    pub max_streams: u32,
    /// Streams of one person; 0 is any number.
    pub streams_per_person: u32,
    /// Requests of one person in a second, on average, and ten times as many at once; 0 is any number.
    pub requests_per_second: u32,
    /// Requests without a valid token of one address in a second, on average, and ten times as many at once; 0 is any
    /// number.
    pub anonymous_requests_per_second: u32,
    /// Dry runs, plans, simulations and questions about a place in line of one person in a second, on average, and ten times
    /// as many at once; 0 is any number.
    pub questions_per_second: u32,
    /// Invites that one person sends in an hour; 0 is any number.
    pub invites_per_hour: u32,
    /// Organizations that one person founds in an hour; 0 is any number.
    pub organizations_per_hour: u32,
    /// Organizations that one person owns; 0 is any number.
    pub organizations_per_person: u32,
    /// Upcoming and ongoing events of one organization; 0 is any number.
    pub upcoming_events_per_organization: u32,
    /// Invites of one organization that are not answered yet; 0 is any number.
    pub open_invites_per_organization: u32,
    /// Invites of all organizations to one e-mail address that are not answered yet; 0 is any number.
    pub open_invites_per_address: u32,
    /// Parties that wait at one event; 0 is any number. An event may set a lower number.
    pub waiting_parties_per_event: u32,
    /// Parties of one person that wait at one event; 0 is any number.
    pub waiting_parties_per_person: u32,
    /// How long a client may read nothing of what it is sent, in seconds; 0 is for ever.
    pub write_timeout_seconds: u32,
    /// Sockets that one signed-in person may have; 0 is any number.
    pub sockets_per_person: u32,
    /// Anonymous sockets that may be open from one address; 0 is any number.
    pub sockets_per_address: u32,
    /// Anonymous sockets whose handshake may come over one TCP connection; 0 is any number.
    pub sockets_per_connection: u32,
    /// Anonymous sockets that may connect from one address in a second, on average, and four times as many at once; 0 is
    /// any number.
    pub socket_handshakes_per_second: u32,
    /// Messages that one socket may send in a second, on average; four times as many at once.
    pub socket_messages_per_second: u32,
    /// Largest message of a socket, in bytes.
    pub socket_payload_bytes: u32,
    /// Answers to requests with an `Idempotency-Key` that are kept for one caller; of more the oldest go. 0 is no limit.
    pub answers_per_caller: u32,
}

impl Default for Config {
    #[expect(clippy::too_many_lines, reason = "a line for each setting")]
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 5000,
            data_dir: PathBuf::from(".happening"),
            database_url: None,
            db_host: None,
            db_port: None,
            db_name: None,
            db_user: None,
            db_password: None,
            db_readers: 16,
            db_committers: 2,
            redis_url: None,
            rabbitmq_url: None,
            notifications_queue: "notifications".to_owned(),
            rabbitmq_management_url: None,
            notification_tries: 8,
            notification_backoff_seconds: 5,
            webhook_url: None,
            webhook_allow_private: false,
            smtp_url: None,
            mail_from: None,
            default_language: "en".to_owned(),
            templates_dir: None,
            public_url: None,
            keycloak_server_url: None,
            keycloak_realm: "happening".to_owned(),
            keycloak_client_id: "happening-server".to_owned(),
            keycloak_client_secret: None,
            oidc_issuer: None,
            oidc_trusted_clients: String::new(),
            oidc_trust_unverified_email: false,
            allowed_origins: "http://localhost:3000,http://localhost:3001".to_owned(),
            trusted_proxies: String::new(),
            hold_ttl_seconds: 10,
            hold_seats_per_person: 20,
            max_seats_per_booking: 1_000,
            hold_seats_per_address: 100,
            max_connections: 20_000,
            connections_per_address: 2_500,
            max_streams: 4_000,
            streams_per_person: 32,
            requests_per_second: 500,
            anonymous_requests_per_second: 50,
            questions_per_second: 20,
            invites_per_hour: 200,
            organizations_per_hour: 20,
            organizations_per_person: 50,
            upcoming_events_per_organization: 10_000,
            open_invites_per_organization: 1_000,
            open_invites_per_address: 200,
            waiting_parties_per_event: 100_000,
            waiting_parties_per_person: 10_000,
            write_timeout_seconds: 20,
            sockets_per_person: 100,
            sockets_per_address: 2_000,
            sockets_per_connection: 50,
            socket_handshakes_per_second: 100,
            socket_messages_per_second: 20,
            socket_payload_bytes: 65_536,
            answers_per_caller: 10_000,
        }
    }
}

/// Where flags go: only what was given on the command line.
#[derive(Debug, Default, Serialize)]
pub struct Flags {
    /// `--host`, or the address of `--listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<IpAddr>,
    /// `--port`, or the port of `--listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// `--data-dir`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
}

impl Config {
    /// Reads all sources. `file` must exist if it is named; without it `happening.toml` is read where there is one.
    /// A setting that cannot be meant so is an error.
    pub fn load(file: Option<&PathBuf>, flags: &Flags) -> anyhow::Result<Self> {
        let config = Sources::of(file, flags).effective()?;
        config.check().map_err(anyhow::Error::msg)?;
        Ok(config)
    }

    /// PostgreSQL's address, however it was given.
    pub fn postgres(&self) -> Option<String> {
        if self.database_url.is_some() {
            return self.database_url.clone();
        }
        let mut url = url::Url::parse("postgres://localhost").ok()?;
        url.set_host(Some(self.db_host.as_deref()?)).ok()?;
        url.set_port(self.db_port).ok()?;
        url.set_username(self.db_user.as_deref().unwrap_or("postgres")).ok()?;
        url.set_password(self.db_password.as_deref()).ok()?;
        url.set_path(self.db_name.as_deref().unwrap_or("happening"));
        Some(url.into())
    }

    /// The `iss` of Keycloak's tokens.
    pub fn keycloak_issuer(&self) -> Option<String> {
        let inside = self.keycloak_inside()?;
        Some(self.oidc_issuer.clone().unwrap_or(inside))
    }

    /// Where Keycloak's realm is from here.
    pub fn keycloak_inside(&self) -> Option<String> {
        let server = self.keycloak_server_url.as_deref()?.trim_end_matches('/');
        Some(format!("{server}/realms/{}", self.keycloak_realm))
    }
}

impl fmt::Debug for Config {
    /// Addresses may hold passwords: nothing of them is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

/// The words of a list separated by commas.
pub fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
}
