//! Where settings come from, one layer above the other, and what is in force.

use super::environment::{Environment, variable_of};
use super::{Config, Flags};
use figment::Figment;
use figment::error::{Actual, Kind};
use figment::providers::{Format, Serialized, Toml};
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;
use url::Url;

/// Instead of a secret.
const MASK: &str = "***";

/// A setting that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value, secrets masked; absent if it is not set.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: String,
}

/// The layers, the upper ones first.
pub struct Sources {
    flags: Figment,
    environment: Figment,
    file: Figment,
}

impl Sources {
    /// All of them. `file` must exist if it is named; without it `happening.toml` is read where there is one.
    pub fn of(file: Option<&PathBuf>, flags: &Flags) -> Self {
        let file = file.map_or_else(|| Toml::file("happening.toml"), Toml::file_exact);
        Self {
            flags: Figment::from(Serialized::defaults(flags)),
            environment: Figment::from(Environment::of_process()),
            file: Figment::from(file),
        }
    }

    /// What is in force; or each setting that cannot be read.
    pub fn effective(&self) -> anyhow::Result<Config> {
        Figment::from(Serialized::defaults(Config::default()))
            .merge(&self.file)
            .merge(&self.environment)
            .merge(&self.flags)
            .extract()
            .map_err(|errors| {
                anyhow::anyhow!(errors.into_iter().map(|error| told(&error)).collect::<Vec<_>>().join("; "))
            })
    }

    /// The same for people: each setting by name, with its origin.
    pub fn settings(&self) -> anyhow::Result<Vec<Setting>> {
        let config = self.effective()?;
        let Ok(Value::Object(values)) = serde_json::to_value(&config) else { return Ok(Vec::new()) };
        let setting = |(name, value): (&String, &Value)| Setting {
            name: name.clone(),
            value: shown(name, value),
            origin: self.origin(name),
        };
        Ok(values.iter().map(setting).collect())
    }

    fn origin(&self, name: &str) -> String {
        if self.flags.contains(name) {
            return format!("flag --{}", name.replace('_', "-"));
        }
        if self.environment.contains(name) {
            return format!("environment {}", variable_of(name));
        }
        if self.file.contains(name) {
            let file = self.file.find_metadata(name).and_then(|metadata| metadata.source.as_ref());
            return file.map_or_else(|| "file".to_owned(), |file| format!("file {file}"));
        }
        "default".to_owned()
    }
}

/// What is wrong with a setting, and where it was set.
fn told(error: &figment::Error) -> String {
    let name = error.path.join(".");
    let metadata = error.metadata.as_ref();
    let is_environment = metadata.is_some_and(|metadata| metadata.name == "environment");
    let name = if is_environment { variable_of(&name) } else { name };
    let source = metadata.and_then(|metadata| metadata.source.as_ref());
    let place = source.map_or_else(String::new, |source| format!("{source}: "));
    match &error.kind {
        Kind::UnknownField(field, _) => {
            format!("{place}there is no setting `{field}`; happening-daemon config lists them all")
        }
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            let setting = error.path.join(".");
            // What was meant as a password stays one.
            let is_secret = ["_password", "_secret", "_url"].iter().any(|end| setting.ends_with(end));
            let found = if is_secret { MASK.to_owned() } else { given(actual) };
            format!("{place}{name} must be {}, not {found}", described(&setting, expected))
        }
        // A file that cannot be read has its own words for it.
        Kind::Message(message) if name.is_empty() => format!("{place}{message}"),
        kind => format!("{place}{name}: {kind}"),
    }
}

/// What a setting takes, in words.
fn described(name: &str, expected: &str) -> String {
    match expected {
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "u32" => format!("a whole number from 0 to {}", u32::MAX),
        "a boolean" => "true or false".to_owned(),
        "a string" => "text".to_owned(),
        _ if name == "host" => "an IP address".to_owned(),
        other => other.to_owned(),
    }
}

fn given(actual: &Actual) -> String {
    match actual {
        Actual::Bool(value) => value.to_string(),
        Actual::Unsigned(value) => value.to_string(),
        Actual::Signed(value) => value.to_string(),
        Actual::Float(value) => value.to_string(),
        Actual::Str(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

fn shown(name: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(match name {
        "db_password" | "keycloak_client_secret" => MASK.to_owned(),
        // The way to a hook is often its password.
        "webhook_url" => host_of(&text),
        _ if name.ends_with("_url") => without_password(&text),
        _ => text,
    })
}

/// What is no address may be anything, and is masked whole.
fn without_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return MASK.to_owned() };
    if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
        return MASK.to_owned();
    }
    if url.query().is_some() {
        url.set_query(Some(MASK));
    }
    url.into()
}

fn host_of(text: &str) -> String {
    let url = Url::parse(text).ok();
    let host = url.as_ref().and_then(|url| Some((url.scheme(), url.host_str()?)));
    host.map_or_else(|| MASK.to_owned(), |(scheme, host)| format!("{scheme}://{host}/{MASK}"))
}

#[cfg(test)]
mod tests {
    use super::super::NAMES;
    use super::*;

    #[test]
    fn the_environment_knows_every_setting() {
        let Ok(Value::Object(all)) = serde_json::to_value(Config::default()) else { panic!("an object") };
        let mut known: Vec<&str> = NAMES.iter().copied().chain(["data_dir"]).collect();
        known.sort_unstable();
        assert_eq!(all.keys().map(String::as_str).collect::<Vec<_>>(), known);
    }

    #[test]
    fn no_secret_is_shown() {
        let value = |name: &str, text: &str| shown(name, &Value::String(text.to_owned())).expect("set");
        assert_eq!(value("db_password", "hush"), "***");
        assert_eq!(value("keycloak_client_secret", "hush"), "***");
        assert_eq!(value("database_url", "postgres://me:hush@db/x?a=hush"), "postgres://me:***@db/x?***");
        assert_eq!(value("database_url", "host=db password=hush"), "***");
        assert_eq!(value("redis_url", "redis://:hush@cache:6379/1"), "redis://:***@cache:6379/1");
        assert_eq!(value("webhook_url", "https://me:hush@hooks.test/hush?k=hush"), "https://hooks.test/***");
        assert_eq!(value("keycloak_realm", "happening"), "happening");
        assert_eq!(shown("redis_url", &Value::Null), None);
    }
}
