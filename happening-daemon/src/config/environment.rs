//! The environment as a layer of settings. What a variable says is text; it is read as a number or a yes-or-no only where
//! the setting is one, so that a password of digits stays a password.

use super::{Config, NAMES};
use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};
use std::net::IpAddr;

/// Settings that are numbers although their default is none.
const NUMBERS: [&str; 1] = ["db_port"];

/// The variables that are set and not empty.
pub(super) struct Environment(Vec<(&'static str, String)>);

impl Environment {
    /// Those of this process.
    pub(super) fn of_process() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &'static str| {
            let value = variable(&variable_of(name)).filter(|value| !value.is_empty())?;
            // HOST is set by some shells to the machine's name; only an address is one to listen on.
            let is_meant = name != "host" || value.parse::<IpAddr>().is_ok();
            is_meant.then_some((name, value))
        };
        Self(NAMES.into_iter().chain(["data_dir"]).filter_map(given).collect())
    }
}

/// The variable of a setting.
pub(super) fn variable_of(name: &str) -> String {
    let prefix = if name == "data_dir" { "HAPPENING_" } else { "" };
    format!("{prefix}{}", name.to_uppercase())
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("environment")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
        let read = |(name, text): &(&'static str, String)| {
            let is_number = defaults[name].is_number() || NUMBERS.contains(name);
            let value = match text.trim() {
                digits if is_number => digits.parse::<u64>().ok().map(Value::from),
                "true" | "1" if defaults[name].is_boolean() => Some(Value::from(true)),
                "false" | "0" if defaults[name].is_boolean() => Some(Value::from(false)),
                _ => None,
            };
            ((*name).to_owned(), value.unwrap_or_else(|| Value::from(text.as_str())))
        };
        Ok(Map::from([(Profile::Default, self.0.iter().map(read).collect())]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use figment::Figment;
    use figment::providers::Serialized;

    fn config(variables: &[(&str, &str)]) -> Result<Config, Box<figment::Error>> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let defaults = Figment::from(Serialized::defaults(Config::default()));
        defaults.merge(Environment::of(variable)).extract().map_err(Box::new)
    }

    #[test]
    fn text_is_taken_as_it_is() {
        for text in ["20250101", "007", "true", "[abc]", "{a=b}", "\"quoted\"", " blank ", "1e5"] {
            let config = config(&[("DB_PASSWORD", text), ("NOTIFICATIONS_QUEUE", text)]).expect("settings");
            assert_eq!(config.db_password.as_deref(), Some(text));
            assert_eq!(config.notifications_queue, text);
        }
    }

    #[test]
    fn numbers_and_decisions_are_read() {
        let variables =
            [("PORT", "8080"), ("DB_PORT", " 5433 "), ("WEBHOOK_ALLOW_PRIVATE", "1"), ("HOST", "0.0.0.0")];
        let config = config(&variables).expect("settings");
        assert_eq!((config.port, config.db_port, config.webhook_allow_private), (8080, Some(5433), true));
        assert_eq!(config.host, IpAddr::from([0, 0, 0, 0]));
    }

    #[test]
    fn what_is_empty_or_another_s_is_not_given() {
        let config = config(&[("HAPPENING_DATA_DIR", ""), ("REDIS_URL", ""), ("HOST", "my-laptop")])
            .expect("settings");
        let default = Config::default();
        assert_eq!((config.data_dir, config.redis_url, config.host), (default.data_dir, None, default.host));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (name, value) in
            [("PORT", "web"), ("PORT", "70000"), ("DB_READERS", "-1"), ("WEBHOOK_ALLOW_PRIVATE", "maybe")]
        {
            assert!(config(&[(name, value)]).is_err(), "{name}={value}");
        }
    }
}
