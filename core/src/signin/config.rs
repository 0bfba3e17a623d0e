//! What a person configured: the environment, and `config.json` in the configuration directory.
//!
//! The environment is read once and handed on, so that tests need not change the process they run in.

use super::{SigninError, files};
use crate::client::{AddressFault, check_address};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use url::Url;

/// Where a daemon without configuration listens.
pub const DEFAULT_SERVER: &str = "http://127.0.0.1:5000";

/// Where a sign-in is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// The keyring of the desktop or the system.
    Keyring,
    /// A file that only its owner reads.
    File,
}

/// The environment variables that matter here. Empty ones count as absent; a secret that was mounted as a file may end in a
/// new line, which is not a part of it.
#[derive(Clone, Default)]
pub struct Environment {
    /// `HAPPENING_TOKEN`: an access token, used as it is.
    pub token: Option<String>,
    /// `HAPPENING_CLIENT_ID`: a service account.
    pub client_id: Option<String>,
    /// `HAPPENING_CLIENT_SECRET`: its secret.
    pub client_secret: Option<String>,
    /// `HAPPENING_SERVER`: the daemon's address.
    pub server: Option<String>,
    /// `HAPPENING_CONFIG_DIR`: moves all files.
    pub config_dir: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`.
    pub xdg_config_home: Option<PathBuf>,
    /// The home directory.
    pub home: Option<PathBuf>,
}

impl Environment {
    /// Of this process.
    pub fn of_process() -> Self {
        let text = |name: &str| env::var(name).ok().as_deref().and_then(written);
        let path =
            |name: &str| env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from);
        Self {
            token: text("HAPPENING_TOKEN"),
            client_id: text("HAPPENING_CLIENT_ID"),
            client_secret: text("HAPPENING_CLIENT_SECRET"),
            server: text("HAPPENING_SERVER"),
            config_dir: path("HAPPENING_CONFIG_DIR"),
            // The specification of base directories says to ignore a relative one.
            xdg_config_home: path("XDG_CONFIG_HOME").filter(|path| path.is_absolute()),
            home: env::home_dir(),
        }
    }

    /// `HAPPENING_CONFIG_DIR`, else `$XDG_CONFIG_HOME/happening`, else `~/.config/happening`.
    fn directory(&self) -> Result<PathBuf, SigninError> {
        let base = self.xdg_config_home.clone().or_else(|| Some(self.home.as_ref()?.join(".config")));
        self.config_dir.clone().or_else(|| Some(base?.join("happening"))).ok_or_else(|| {
            SigninError::Settings(
                "there is no home directory: say with HAPPENING_CONFIG_DIR where files may be".into(),
            )
        })
    }
}

/// A value as it was meant, if there is one.
fn written(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("server", &self.server)
            .field("config_dir", &self.config_dir)
            .finish_non_exhaustive()
    }
}

/// `config.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The context in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Daemons by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contexts: BTreeMap<String, Context>,
    /// Where a sign-in is kept unless it says otherwise; absent is the keyring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
}

/// A daemon that somebody gave a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Its address.
    pub server: Url,
}

/// Who said which daemon to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerOrigin {
    /// `--server`.
    Flag,
    /// `HAPPENING_SERVER`.
    Environment,
    /// The current context.
    Context(String),
    /// Nobody.
    Default,
}

/// The daemon to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerChoice {
    /// Its address.
    pub url: Url,
    /// Who said so.
    pub origin: ServerOrigin,
}

/// The environment, the settings, and where files are.
#[derive(Debug, Clone)]
pub struct Config {
    directory: PathBuf,
    /// What the environment says.
    pub environment: Environment,
    /// What `config.json` says.
    pub settings: Settings,
}

impl Config {
    /// Reads the settings that belong to `environment`.
    pub fn load(environment: Environment) -> Result<Self, SigninError> {
        let directory = environment.directory()?;
        let settings = match files::read_json(&directory.join("config.json")) {
            Err(error @ SigninError::Damaged { .. }) => {
                return Err(SigninError::Settings(format!("{error}; mend it, or delete it")));
            }
            read => read?.unwrap_or_default(),
        };
        Ok(Self { directory, environment, settings })
    }

    /// Writes `config.json`.
    pub fn save(&self) -> Result<(), SigninError> {
        files::write_json(&self.path("config.json"), &self.settings)
    }

    /// Where all files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Where a sign-in is kept that does not say.
    pub fn storage(&self) -> Storage {
        self.settings.storage.unwrap_or(Storage::Keyring)
    }

    /// The daemon of a context that was named for this run.
    pub fn server_of_context(&self, name: &str) -> Result<ServerChoice, SigninError> {
        let context = self.settings.contexts.get(name).ok_or_else(|| {
            SigninError::Settings(format!(
                "there is no context `{name}`: `happening context list` shows them"
            ))
        })?;
        let url = checked(context.server.clone())?;
        Ok(ServerChoice { url, origin: ServerOrigin::Context(name.to_owned()) })
    }

    /// `flag` > `HAPPENING_SERVER` > the current context > [`DEFAULT_SERVER`].
    pub fn server(&self, flag: Option<&str>) -> Result<ServerChoice, SigninError> {
        if let Some(text) = flag {
            return Ok(ServerChoice { url: address(text)?, origin: ServerOrigin::Flag });
        }
        if let Some(text) = &self.environment.server {
            return Ok(ServerChoice { url: address(text)?, origin: ServerOrigin::Environment });
        }
        let Some(name) = &self.settings.current else {
            return Ok(ServerChoice { url: address(DEFAULT_SERVER)?, origin: ServerOrigin::Default });
        };
        let context = self.settings.contexts.get(name).ok_or_else(|| {
            SigninError::Settings(format!(
                "the current context `{name}` is not among the contexts of config.json"
            ))
        })?;
        let url = checked(context.server.clone())?;
        Ok(ServerChoice { url, origin: ServerOrigin::Context(name.clone()) })
    }
}

/// An address as people write it; `localhost:5000` is one too, and so is one with a path, below which a proxy serves the
/// daemon.
pub fn address(text: &str) -> Result<Url, SigninError> {
    // What is before an @ may be a password.
    let shown = if text.contains('@') { "this" } else { &format!("`{text}`") };
    let refuse =
        || SigninError::Settings(format!("{shown} is no address of a daemon, such as {DEFAULT_SERVER}"));
    let text = text.trim();
    // A browser's rules skip line breaks, and read a backslash as a slash: an address has neither.
    if text.contains(|c: char| c.is_control() || c == '\\') {
        return Err(refuse());
    }
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&full).map_err(|_| refuse())?;
    if check_address(&url) == Err(AddressFault::NotWeb) {
        return Err(refuse());
    }
    checked(url)
}

/// Refuses an address that requests could not keep as it is, or that no message could name.
fn checked(url: Url) -> Result<Url, SigninError> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let why = match check_address(&url) {
        Ok(()) => return Ok(url),
        Err(AddressFault::NotWeb) => "is neither http:// nor https://".to_owned(),
        Err(AddressFault::Credentials) => {
            "has a username or a password in it: leave them out, and sign in with `happening login`, HAPPENING_TOKEN or \
             HAPPENING_CLIENT_ID"
                .to_owned()
        }
        Err(AddressFault::QueryOrFragment) => {
            "has a `?` or a `#` in it: leave out what begins there; a path is kept".to_owned()
        }
    };
    Err(SigninError::Settings(format!("the address of the daemon at {host} {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(environment: Environment, current: Option<&str>) -> Config {
        let context = Context { server: "https://prod.example/".parse().unwrap() };
        Config {
            directory: PathBuf::new(),
            environment,
            settings: Settings {
                current: current.map(str::to_owned),
                contexts: BTreeMap::from([("prod".to_owned(), context)]),
                storage: None,
            },
        }
    }

    #[test]
    fn the_nearest_word_on_the_server_wins() {
        let said = Environment { server: Some("http://env:1".into()), ..Environment::default() };
        let choose = |environment: &Environment, current, flag| {
            let choice = config(environment.clone(), current).server(flag).unwrap();
            (choice.url.to_string(), choice.origin)
        };
        let silent = Environment::default();
        assert_eq!(
            choose(&said, Some("prod"), Some("flag:2")),
            ("http://flag:2/".into(), ServerOrigin::Flag)
        );
        assert_eq!(choose(&said, Some("prod"), None), ("http://env:1/".into(), ServerOrigin::Environment));
        assert_eq!(
            choose(&silent, Some("prod"), None),
            ("https://prod.example/".into(), ServerOrigin::Context("prod".into()))
        );
        assert_eq!(choose(&silent, None, None), ("http://127.0.0.1:5000/".into(), ServerOrigin::Default));
    }

    #[test]
    fn what_is_no_address_is_told() {
        for bad in ["ftp://x", "http://", "file:///etc/passwd", "http://a b", "://"] {
            assert!(config(Environment::default(), None).server(Some(bad)).is_err(), "{bad}");
        }
        for told in
            ["http://ada:s3cret@x", "ada:s3cret@x:5000", "http://ada@x", "http://s3cret@", "ftp://s3cret@x"]
        {
            let refused = config(Environment::default(), None).server(Some(told)).unwrap_err();
            assert!(!refused.to_string().contains("s3cret"), "{refused}");
        }
        let mut named = config(Environment::default(), Some("prod"));
        let context = Context { server: "http://ada:s3cret@x".parse().unwrap() };
        named.settings.contexts.insert("prod".to_owned(), context);
        assert!(named.server(None).is_err() && named.server_of_context("prod").is_err());
        assert!(config(Environment::default(), Some("gone")).server(None).is_err());
    }

    #[test]
    fn a_value_ends_before_the_line_does() {
        assert_eq!(written("abc\r\n").as_deref(), Some("abc"));
        assert_eq!(written(" \n"), None);
    }

    #[test]
    fn files_move_with_the_environment() {
        let mut environment = Environment { home: Some("/home/ada".into()), ..Environment::default() };
        assert_eq!(environment.directory().unwrap(), Path::new("/home/ada/.config/happening"));
        environment.xdg_config_home = Some("/xdg".into());
        assert_eq!(environment.directory().unwrap(), Path::new("/xdg/happening"));
        environment.config_dir = Some("/here".into());
        assert_eq!(environment.directory().unwrap(), Path::new("/here"));
        assert!(Environment::default().directory().is_err());
    }

    #[test]
    fn settings_survive_the_disk() {
        let home = tempfile::tempdir().unwrap();
        let environment = Environment { config_dir: Some(home.path().into()), ..Environment::default() };
        let mut config = Config::load(environment.clone()).unwrap();
        assert_eq!(config.settings, Settings::default());
        config.settings.storage = Some(Storage::File);
        config.save().unwrap();
        assert_eq!(Config::load(environment.clone()).unwrap().storage(), Storage::File);
        std::fs::write(config.path("config.json"), "{").unwrap();
        let refused = Config::load(environment).unwrap_err();
        assert!(matches!(refused, SigninError::Settings(_)), "{refused:?}");
        assert!(refused.to_string().contains("config.json is damaged: EOF"), "{refused}");
        assert!(refused.to_string().ends_with("mend it, or delete it"), "{refused}");
    }
}
