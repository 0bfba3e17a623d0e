//! What keeps a daemon from working on the configured parts: each is asked by a connection of its own, and nothing is
//! changed. To look at one more: a check here, and its line in [`examine`].

use super::foundation::messages;
use super::{Foundation, identity, keycloak};
use crate::config::Config;
use crate::counters::{Counters, redis::RedisCounters};
use crate::queue::{Queue, rabbit::RabbitQueue};
use crate::store::{Store, pg::PgStore, sqlite::SqliteStore};
use happening_core::clock::Clock;
use happening_core::wire::Health;
use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long a part may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// As it should be.
    Fine,
    /// Not as it should be, and it keeps nothing from working.
    Warning,
    /// It keeps the daemon from working.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub check: &'static str,
    /// How it is.
    pub condition: Condition,
    /// In words.
    pub detail: String,
    /// The command, or the step, that mends it.
    pub mend: Option<&'static str>,
}

fn fine(check: &'static str, detail: impl Display) -> Finding {
    Finding { check, condition: Condition::Fine, detail: detail.to_string(), mend: None }
}

fn warning(check: &'static str, detail: impl Display, mend: &'static str) -> Finding {
    Finding { check, condition: Condition::Warning, detail: detail.to_string(), mend: Some(mend) }
}

fn problem(check: &'static str, detail: impl Display, mend: &'static str) -> Finding {
    Finding { condition: Condition::Problem, ..warning(check, detail, mend) }
}

/// Looks at everything.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![address(config), store(config).await, counters(config).await];
    findings.push(queue(config).await);
    findings.push(issuer(config).await);
    findings.extend(directory(config).await);
    findings.extend(webhook(config));
    findings.extend(mail(config).await);
    findings
}

/// What a part answers, or that it did not in time.
async fn answered<T, E: Display>(asked: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

fn address(config: &Config) -> Finding {
    let address = SocketAddr::new(config.host, config.port);
    match TcpListener::bind(address) {
        Ok(_) => fine("address", format!("{address} is free")),
        Err(error) => warning(
            "address",
            format!("{address}: {error}"),
            "if that is not the daemon itself: --port or PORT names another one",
        ),
    }
}

async fn store(config: &Config) -> Finding {
    const MEND: &str = "start PostgreSQL, or correct DATABASE_URL; happening-daemon config shows it";
    if let Some(url) = config.postgres() {
        let store = match PgStore::open(&url, 1, 1) {
            Ok(store) => store,
            Err(error) => return problem("store", error, MEND),
        };
        return match answered(store.ping()).await {
            Ok(_) => fine("store", "postgresql answers"),
            Err(error) => problem("store", error, MEND),
        };
    }
    embedded_store(config).await
}

/// SQLite: a directory that can be written to, and, if it is there, a database that can be read and written.
async fn embedded_store(config: &Config) -> Finding {
    const DIRECTORY: &str =
        "name another one with --data-dir or HAPPENING_DATA_DIR, or let the daemon write to this one";
    if let Err(error) = is_usable(&config.data_dir) {
        return problem("store", error, DIRECTORY);
    }
    let file = config.data_dir.join("happening.db");
    if !file.exists() {
        return fine("store", format!("{} will be made at the first start", file.display()));
    }
    if let Err(error) = OpenOptions::new().read(true).write(true).open(&file) {
        return problem("store", format!("{}: {error}", file.display()), DIRECTORY);
    }
    match answered(SqliteStore::open(&file, 1).ping()).await {
        Ok(_) => fine("store", format!("sqlite, {}", file.display())),
        Err(error) => problem(
            "store",
            format!("{}: {error}", file.display()),
            "put back a copy of happening.db, or move it away to begin anew",
        ),
    }
}

/// Whether files can be made there, or, if it is not there yet, where it would be made.
fn is_usable(directory: &Path) -> Result<(), String> {
    let said = |error: std::io::Error| format!("{}: {error}", directory.display());
    match std::fs::metadata(directory) {
        Ok(there) if there.is_dir() => {
            let probe = directory.join(".doctor");
            File::create(&probe).and_then(|_| std::fs::remove_file(&probe)).map_err(said)
        }
        Ok(_) => Err(format!("{} is no directory", directory.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let above = directory.parent().filter(|above| !above.as_os_str().is_empty());
            is_usable(above.unwrap_or(Path::new(".")))
        }
        Err(error) => Err(said(error)),
    }
}

async fn counters(config: &Config) -> Finding {
    const MEND: &str = "start Redis, or correct REDIS_URL; bookings go on meanwhile, slower";
    let Some(url) = &config.redis_url else {
        if config.postgres().is_some() {
            let detail =
                "in process: two daemons on this database do not see each other's holds and messages";
            return warning("counters", detail, "set REDIS_URL before a second daemon is started");
        }
        return fine("counters", "in process");
    };
    let counters = match RedisCounters::open(url) {
        Ok(counters) => counters,
        Err(error) => return problem("counters", error, "correct REDIS_URL"),
    };
    match answered(counters.ping()).await {
        Ok(()) => fine("counters", "redis answers"),
        Err(error) => warning("counters", error, MEND),
    }
}

async fn queue(config: &Config) -> Finding {
    const MEND: &str = "start RabbitMQ, or correct RABBITMQ_URL; notifications wait in the outbox meanwhile";
    let Some(url) = &config.rabbitmq_url else { return fine("queue", "in process") };
    let queue = RabbitQueue::new(url, &config.notifications_queue);
    let queue = match &config.rabbitmq_management_url {
        None => queue,
        Some(management) => match queue.with_management(management) {
            Ok(queue) => queue,
            Err(error) => return problem("queue", error, "correct RABBITMQ_MANAGEMENT_URL"),
        },
    };
    match answered(queue.figures()).await {
        Ok(figures) => match figures.note {
            Some(note) if config.rabbitmq_management_url.is_some() => {
                warning("queue", note, "enable the management plugin, or correct RABBITMQ_MANAGEMENT_URL")
            }
            _ => fine("queue", format!("rabbitmq answers, {} messages wait", figures.ready)),
        },
        Err(error) => warning("queue", error, MEND),
    }
}

async fn issuer(config: &Config) -> Finding {
    let address = SocketAddr::new(config.host, config.port);
    if config.keycloak_server_url.is_none() {
        return builtin_issuer(config, address);
    }
    let verifier = match identity::open(config, address, &Clock::system()) {
        Ok((verifier, ..)) => verifier,
        Err(error) => return problem("issuer", format!("{error:#}"), "correct KEYCLOAK_SERVER_URL"),
    };
    let name = config.keycloak_issuer().unwrap_or_default();
    match tokio::time::timeout(PATIENCE, verifier.health()).await {
        Ok(health) if health.state == Health::Ok => {
            let inside = config.keycloak_inside().unwrap_or_default();
            let alias = if inside == name { String::new() } else { format!("; tokens must be from {name}") };
            fine("issuer", format!("{inside} answers{alias}"))
        }
        _ => problem(
            "issuer",
            format!("{name} does not answer"),
            "start Keycloak, or correct KEYCLOAK_SERVER_URL and KEYCLOAK_REALM",
        ),
    }
}

fn builtin_issuer(config: &Config, address: SocketAddr) -> Finding {
    if !cfg!(feature = "builtin-issuer") {
        return problem("issuer", "this build has no built-in issuer", "set KEYCLOAK_SERVER_URL");
    }
    if !config.host.is_loopback() {
        let detail = format!("the built-in issuer does not answer at {}", config.host);
        return problem("issuer", detail, "set KEYCLOAK_SERVER_URL, or listen on 127.0.0.1");
    }
    // Only a key that is there is looked at: opening the issuer would make one.
    if config.data_dir.join("issuer-key.pem").exists()
        && let Err(error) = identity::open(config, address, &Clock::system())
    {
        let mend = "put back issuer-key.pem, or delete it: everybody signs in anew then";
        return problem("issuer", format!("{error:#}"), mend);
    }
    fine("issuer", "built-in, for development")
}

async fn directory(config: &Config) -> Option<Finding> {
    config.keycloak_server_url.as_ref()?;
    Some(match keycloak::directory(config) {
        Ok(None) => warning(
            "keycloak",
            "its Organizations are not kept in step: there is no service account",
            "set KEYCLOAK_CLIENT_SECRET",
        ),
        Ok(Some(directory)) => match answered(directory.check()).await {
            Ok(()) => fine("keycloak", "its Organizations are kept in step"),
            Err(error) => warning(
                "keycloak",
                error,
                "start Keycloak, correct KEYCLOAK_CLIENT_SECRET, or give the service account manage-organizations and manage-users",
            ),
        },
        Err(error) => problem("keycloak", format!("{error:#}"), "correct KEYCLOAK_SERVER_URL"),
    })
}

fn webhook(config: &Config) -> Option<Finding> {
    config.webhook_url.as_ref()?;
    Some(match Foundation::webhook(config) {
        Ok(_) => fine("webhook", "its address can be used"),
        Err(error) => problem("webhook", format!("{error:#}"), "correct WEBHOOK_URL"),
    })
}

async fn mail(config: &Config) -> Option<Finding> {
    const MEND: &str = "start the mail server, or correct SMTP_URL; bookings go on meanwhile, mails wait";
    config.smtp_url.as_ref()?;
    // Sends nothing: it is not asked for anything but whether the server takes the user.
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(Path::new(":memory:"), 1));
    Some(match Foundation::mail(config, &Arc::new(messages(config)), &store, &Clock::system()) {
        Ok(None) => problem("mail", "MAIL_FROM is not set", "set MAIL_FROM"),
        Ok(Some(mail)) => match answered(mail.check()).await {
            Ok(()) => fine("mail", "the mail server answers"),
            Err(error) => warning("mail", error, MEND),
        },
        Err(error) => problem("mail", format!("{error:#}"), "correct SMTP_URL or MAIL_FROM"),
    })
}
