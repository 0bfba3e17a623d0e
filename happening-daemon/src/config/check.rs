//! What is wrong with settings, before anything is started on them.

use super::{Config, list};
use axum::http::HeaderValue;
use std::net::IpAddr;
use url::Url;

/// Schemes of addresses.
const WEB: &[&str] = &["http", "https"];
const POSTGRES: &[&str] = &["postgres", "postgresql"];
const REDIS: &[&str] = &["redis", "rediss", "unix", "redis+unix"];
const AMQP: &[&str] = &["amqp", "amqps"];
const SMTP: &[&str] = &["smtp", "smtps"];

impl Config {
    /// The first setting that cannot be meant so. Values are shown only where they are no secret.
    pub fn check(&self) -> Result<(), String> {
        self.check_numbers()?;
        address("DATABASE_URL", self.database_url.as_deref(), POSTGRES)?;
        address("REDIS_URL", self.redis_url.as_deref(), REDIS)?;
        address("RABBITMQ_URL", self.rabbitmq_url.as_deref(), AMQP)?;
        address("RABBITMQ_MANAGEMENT_URL", self.rabbitmq_management_url.as_deref(), WEB)?;
        address("KEYCLOAK_SERVER_URL", self.keycloak_server_url.as_deref(), WEB)?;
        address("PUBLIC_URL", self.public_url.as_deref(), WEB)?;
        self.check_mail()?;
        address("OIDC_ISSUER", self.oidc_issuer.as_deref(), WEB)?;
        if self.database_url.is_none() && self.db_host.is_some() && self.postgres().is_none() {
            return Err("DB_HOST: is no name of a host".to_owned());
        }
        self.proxies()?;
        if let Some(origin) = list(&self.allowed_origins).into_iter().find(|origin| !is_origin(origin)) {
            return Err(format!(
                "ALLOWED_ORIGINS: {origin} is no origin such as https://tickets.example.org"
            ));
        }
        Ok(())
    }

    /// The proxies whose `X-Forwarded-For` is believed.
    pub fn proxies(&self) -> Result<Vec<IpAddr>, String> {
        let proxy =
            |name: String| name.parse().map_err(|_| format!("TRUSTED_PROXIES: {name} is no IP address"));
        list(&self.trusted_proxies).into_iter().map(proxy).collect()
    }

    fn check_mail(&self) -> Result<(), String> {
        let Some(text) = &self.smtp_url else { return Ok(()) };
        address("SMTP_URL", Some(text), SMTP)?;
        if self.mail_from.is_none() {
            return Err("MAIL_FROM: must name who sends mail where SMTP_URL is set".to_owned());
        }
        let Ok(url) = Url::parse(text) else { return Ok(()) };
        let is_secure = url.scheme() == "smtps"
            || url.query_pairs().any(|pair| pair == ("tls".into(), "required".into()));
        let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.password().is_some() && !is_secure && !is_here {
            let said =
                "SMTP_URL: would send the password unencrypted; smtps://, or ?tls=required for STARTTLS";
            return Err(said.to_owned());
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), String> {
        if !(1..=3_600).contains(&self.hold_ttl_seconds) {
            return Err("HOLD_TTL_SECONDS: must be between 1 and 3,600".to_owned());
        }
        let counts = [
            ("DB_READERS", self.db_readers),
            ("DB_COMMITTERS", self.db_committers),
            ("NOTIFICATION_TRIES", self.notification_tries),
            ("HOLD_SEATS_PER_PERSON", self.hold_seats_per_person),
            ("MAX_SEATS_PER_BOOKING", self.max_seats_per_booking),
            ("SOCKET_MESSAGES_PER_SECOND", self.socket_messages_per_second),
            ("SOCKET_PAYLOAD_BYTES", self.socket_payload_bytes),
        ];
        match counts.iter().find(|(_, count)| *count == 0) {
            Some((name, _)) => Err(format!("{name}: must be at least 1")),
            None => Ok(()),
        }
    }
}

/// An address that is given has one of these schemes. It may hold a password, so it is not shown.
fn address(name: &str, address: Option<&str>, schemes: &[&str]) -> Result<(), String> {
    let is_one = |text: &str| Url::parse(text).is_ok_and(|url| schemes.contains(&url.scheme()));
    if address.is_none_or(is_one) {
        return Ok(());
    }
    let schemes: Vec<String> = schemes.iter().map(|scheme| format!("{scheme}://")).collect();
    Err(format!("{name}: is no address that begins with {}", schemes.join(" or ")))
}

/// Scheme, host and port, nothing after it: browsers send no more.
fn is_origin(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|url| WEB.contains(&url.scheme()));
    url.is_some_and(|url| url.origin().ascii_serialization() == text) && HeaderValue::from_str(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        config.check().expect_err("refused")
    }

    #[test]
    fn what_is_meant_passes() {
        assert_eq!(Config::default().check(), Ok(()));
        let config = Config {
            database_url: Some("postgres://me:a%20b@db/x".to_owned()),
            redis_url: Some("rediss://:pw@cache:6379/1".to_owned()),
            rabbitmq_url: Some("amqp://me:pw@queue/%2f".to_owned()),
            keycloak_server_url: Some("https://id.example.org".to_owned()),
            trusted_proxies: "10.0.0.1, ::1".to_owned(),
            allowed_origins: "https://tickets.example.org,http://[::1]:3000".to_owned(),
            ..Config::default()
        };
        assert_eq!(config.check(), Ok(()));
        let pieces = Config { db_host: Some("db.internal".to_owned()), ..Config::default() };
        assert_eq!(pieces.check(), Ok(()));
    }

    #[test]
    fn what_cannot_be_meant_is_named_and_no_secret_told() {
        assert!(refused(|config| config.hold_ttl_seconds = 0).starts_with("HOLD_TTL_SECONDS"));
        assert!(refused(|config| config.db_readers = 0).starts_with("DB_READERS"));
        assert!(refused(|config| config.db_committers = 0).starts_with("DB_COMMITTERS"));
        assert!(refused(|config| config.notification_tries = 0).starts_with("NOTIFICATION_TRIES"));
        let mail = |url: &str| {
            let (smtp_url, mail_from) = (Some(url.to_owned()), Some("a@example.org".to_owned()));
            Config { smtp_url, mail_from, ..Config::default() }.check()
        };
        for url in [
            "smtps://me:hush@mx.test",
            "smtp://me:hush@mx.test?tls=required",
            "smtp://me:hush@[::1]:25",
            "smtp://mx.test",
        ] {
            assert_eq!(mail(url), Ok(()), "{url}");
        }
        for url in
            ["smtp://me:hush@mx.test", "smtp://me:hush@mx.test?tls=opportunistic", "http://me:hush@mx.test"]
        {
            let told = mail(url).expect_err(url);
            assert!(told.starts_with("SMTP_URL") && !told.contains("hush"), "{told}");
        }
        assert!(
            refused(|config| config.smtp_url = Some("smtp://mx.test".to_owned())).starts_with("MAIL_FROM")
        );
        assert!(refused(|config| config.trusted_proxies = "nonsense".to_owned()).contains("nonsense"));
        for origin in ["nonsense", "https://a.example/", "https://a.example/path", "*", "null"] {
            assert!(refused(|config| config.allowed_origins = origin.to_owned()).contains(origin));
        }
        for secret in ["mysql://me:hush@db/x", "hush", "http://me:hush@db"] {
            let told = refused(|config| config.database_url = Some(secret.to_owned()));
            assert!(told.starts_with("DATABASE_URL") && !told.contains("hush"), "{told}");
        }
        assert!(
            refused(|config| config.keycloak_server_url = Some("nonsense".to_owned())).contains("http://")
        );
        assert!(refused(|config| config.rabbitmq_url = Some("http://queue".to_owned())).contains("amqp://"));
    }
}
