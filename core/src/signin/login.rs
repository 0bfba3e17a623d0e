//! Signing in and out, as one act each: what CLI and TUI wrap in their own words.

use super::files::Lock;
use super::store::{self, Credentials, ServerKey, TokenStore};
use super::stored::{AccessCache, refresh_lock};
use super::{
    Config, DeviceLogin, FileStore, Issuer, KeyringStore, SigninError, Storage, TokenOrigin, Tokens,
};
use super::{discover, revoke};
use crate::clock::Clock;
use std::time::Duration;
use url::Url;

/// A refresh that is under way elsewhere is waited for this long before the sign-in is changed under it.
const PATIENCE: Duration = Duration::from_secs(25);

/// A sign-in that waits for its approval, and knows where to keep the result.
pub struct PendingLogin {
    /// The code to show.
    pub device: DeviceLogin,
    server: ServerKey,
    issuer: Issuer,
    client_id: String,
    store: Box<dyn TokenStore>,
    config: Config,
    clock: Clock,
}

/// Starts a sign-in at `server`. The store is tried first, so that nobody approves a code in vain.
pub async fn login(
    server: &Url,
    config: &Config,
    storage: Storage,
    clock: &Clock,
) -> Result<PendingLogin, SigninError> {
    let store = store::open(storage, config);
    store.probe().await?;
    let (daemon, issuer) = discover(server).await?;
    let client_id = daemon.clients.cli;
    Ok(PendingLogin {
        device: DeviceLogin::start(&issuer, &client_id, clock).await?,
        server: ServerKey::new(server),
        issuer,
        client_id,
        store,
        config: config.clone(),
        clock: clock.clone(),
    })
}

impl PendingLogin {
    /// Waits for the approval and keeps the sign-in. Says where. Dropping the future gives up.
    pub async fn wait(&self) -> Result<TokenOrigin, SigninError> {
        let tokens = self.device.wait(&self.clock).await?;
        self.keep(tokens).await?;
        Ok(self.store.origin())
    }

    async fn keep(&self, tokens: Tokens) -> Result<(), SigninError> {
        let refresh_token = tokens.refresh_token.ok_or_else(|| SigninError::Broken {
            issuer: self.issuer.issuer.clone(),
            reason: "it gave no refresh token: the client needs the scope offline_access".to_owned(),
        })?;
        let _turn = Lock::acquire(&refresh_lock(&self.server, &self.config), PATIENCE).await?;
        let credentials = Credentials {
            issuer: self.issuer.issuer.clone(),
            client_id: self.client_id.clone(),
            refresh_token,
        };
        self.store.save(&self.server, &credentials).await?;
        // A file goes before the keyring when a sign-in is looked for, so an older one must not stay behind.
        if self.store.origin() == TokenOrigin::Keyring {
            FileStore::new(&self.config).forget(&self.server).await?;
        }
        AccessCache::new(&self.config).put(self.server.as_str(), &tokens.access)
    }
}

/// What became of the refresh token at the issuer.
#[derive(Debug)]
pub enum Revocation {
    /// It is worth nothing any more.
    Revoked,
    /// The issuer takes none back: it stays good until it expires.
    NotOffered,
    /// The issuer was not reached or said no: it stays good until it expires.
    Failed(SigninError),
}

/// A sign-out.
#[derive(Debug)]
pub struct Logout {
    /// Where the sign-in was kept.
    pub from: TokenOrigin,
    /// What became of it at the issuer.
    pub revocation: Revocation,
}

/// Signs out of `server`: gives the refresh token back, and forgets it here even if the issuer cannot be reached. One for
/// each store that had a sign-in; none if nobody was signed in.
pub async fn logout(server: &Url, config: &Config) -> Result<Vec<Logout>, SigninError> {
    let server = ServerKey::new(server);
    let _turn = Lock::acquire(&refresh_lock(&server, config), PATIENCE).await?;
    AccessCache::new(config).forget(&server)?;
    let mut logouts = Vec::new();
    let file = FileStore::new(config);
    let keyring = KeyringStore::new();
    let stores: [&dyn TokenStore; 2] = [&file, &keyring];
    for store in stores {
        let credentials = match store.load(&server).await {
            Ok(Some(credentials)) => credentials,
            // On a machine without a keyring there is nothing to forget in it.
            Ok(None) | Err(SigninError::NoKeyring(_)) => continue,
            // Nobody can read it, so nobody can give it back.
            Err(error @ SigninError::Damaged { .. }) => {
                store.forget(&server).await?;
                logouts.push(Logout { from: store.origin(), revocation: Revocation::Failed(error) });
                continue;
            }
            Err(error) => return Err(error),
        };
        let revocation = give_back(&credentials).await;
        store.forget(&server).await?;
        logouts.push(Logout { from: store.origin(), revocation });
    }
    Ok(logouts)
}

async fn give_back(credentials: &Credentials) -> Revocation {
    let issuer = match Issuer::find(&credentials.issuer).await {
        Ok(issuer) => issuer,
        Err(error) => return Revocation::Failed(error),
    };
    match revoke(&issuer, &credentials.client_id, &credentials.refresh_token).await {
        Ok(true) => Revocation::Revoked,
        Ok(false) => Revocation::NotOffered,
        Err(error) => Revocation::Failed(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientError, TokenSource as _};
    use crate::signin::{session, testing};

    const PENDING: &str = r#"{"error":"authorization_pending"}"#;
    const TOKENS: &str =
        r#"{"access_token":"a1","token_type":"Bearer","expires_in":300,"refresh_token":"r1"}"#;

    /// A screen waits for it in a task of its own.
    fn is_send(_: &impl Send) {}

    async fn start(issuer: &testing::Issuer, config: &Config, life: u32) -> PendingLogin {
        start_at_interval(issuer, config, life, 1).await
    }

    /// `life` and `interval` in seconds.
    async fn start_at_interval(
        issuer: &testing::Issuer,
        config: &Config,
        life: u32,
        interval: u32,
    ) -> PendingLogin {
        let code = format!(
            r#"{{"device_code":"d","user_code":"ABCD-EFGH","verification_uri":"http://x/device",
               "verification_uri_complete":"http://x/device?user_code=ABCD-EFGH","expires_in":{life},
               "interval":{interval}}}"#
        );
        issuer.on("POST", "/device", 200, &code);
        login(&issuer.url(), config, Storage::File, &Clock::system()).await.unwrap()
    }

    #[tokio::test]
    async fn an_approved_code_signs_in_and_out_again() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        issuer.on("POST", "/token", 400, PENDING);
        issuer.on("POST", "/token", 200, TOKENS);
        issuer.on("POST", "/revoke", 200, "");
        let pending = start(&issuer, &config, 60).await;
        assert_eq!(pending.device.user_code, "ABCD-EFGH");
        assert!(issuer.bodies("/device")[0].contains("scope=openid+offline_access"));
        let waiting = pending.wait();
        is_send(&waiting);
        let origin = waiting.await.unwrap();
        assert_eq!(origin, FileStore::new(&config).origin());

        let server = issuer.url();
        let session = session(&server, &config, &Clock::system()).unwrap();
        assert_eq!(session.access_token().await.unwrap().as_deref(), Some("a1"));
        assert_eq!(issuer.hits("/token"), 2, "the token of the sign-in is used, not refreshed");

        let logouts = logout(&server, &config).await.unwrap();
        assert!(matches!(logouts[..], [Logout { revocation: Revocation::Revoked, .. }]), "{logouts:?}");
        assert!(issuer.bodies("/revoke")[0].contains("token=r1"));
        let session = super::super::session(&server, &config, &Clock::system()).unwrap();
        assert!(!config.path("access.json").exists());
        assert!(!config.path("credentials.json").exists());
        drop(session);
        assert!(logout(&server, &config).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn damaged_files_lock_nobody_out() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        issuer.on("POST", "/token", 200, TOKENS);
        let server = issuer.url();
        for damage in ["x\n", "[1]", "{\"a\":"] {
            for file in ["access.json", "credentials.json"] {
                std::fs::write(config.path(file), damage).unwrap();
            }
            let refused = session(&server, &config, &Clock::system()).err();
            assert!(matches!(refused, Some(SigninError::Damaged { .. })), "{refused:?}");
            start(&issuer, &config, 60).await.wait().await.unwrap();
            std::fs::write(config.path("access.json"), damage).unwrap();
            let session = session(&server, &config, &Clock::system()).unwrap();
            assert_eq!(
                session.access_token().await.unwrap().as_deref(),
                Some("a1"),
                "the cache is one of minutes"
            );
        }
        std::fs::write(config.path("credentials.json"), "x").unwrap();
        std::fs::write(config.path("access.json"), "x").unwrap();
        let logouts = logout(&server, &config).await.unwrap();
        assert!(matches!(logouts[..], [Logout { revocation: Revocation::Failed(_), .. }]), "{logouts:?}");
        assert!(!config.path("credentials.json").exists());
        assert!(!config.path("access.json").exists());
        // A damaged entry is that entry's alone.
        let key = ServerKey::new(&server);
        FileStore::new(&config).save(&testing::key("http://else"), &testing::credentials("i")).await.unwrap();
        let mut all: serde_json::Value =
            serde_json::from_slice(&std::fs::read(config.path("credentials.json")).unwrap()).unwrap();
        all[key.as_str()] = 7.into();
        std::fs::write(config.path("credentials.json"), all.to_string()).unwrap();
        assert_eq!(logout(&server, &config).await.unwrap().len(), 1);
        let kept = FileStore::new(&config).load(&testing::key("http://else")).await.unwrap();
        assert!(kept.is_some());
    }

    #[tokio::test]
    async fn denied_and_expired_are_told_apart() {
        let (_home, config) = testing::config();
        for (answer, life, denied) in [
            (r#"{"error":"access_denied"}"#, 60, true),
            (r#"{"error":"expired_token"}"#, 60, false),
            (r#"{"error":"invalid_grant","error_description":"Device code not valid"}"#, 0, false),
        ] {
            let issuer = testing::Issuer::start().await;
            issuer.on("POST", "/token", 400, answer);
            let error = start(&issuer, &config, life).await.wait().await.unwrap_err();
            assert_eq!(matches!(error, SigninError::Denied), denied, "{error:?}");
            assert_eq!(matches!(error, SigninError::Expired), !denied, "{error:?}");
        }
    }

    #[tokio::test]
    async fn an_invalid_code_that_has_not_expired_is_refused() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        issuer.on(
            "POST",
            "/token",
            400,
            r#"{"error":"invalid_grant","error_description":"Device code not valid"}"#,
        );
        let error = start(&issuer, &config, 600).await.wait().await.unwrap_err();
        assert_eq!(error.to_string(), "the issuer refused: Device code not valid");
    }

    #[tokio::test]
    async fn an_issuer_that_is_away_is_asked_until_it_is_back() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        for _ in 0..2 {
            issuer.on("POST", "/token", 502, "<html>Bad Gateway</html>");
        }
        issuer.on("POST", "/token", 200, TOKENS);
        // Twice an interval of nothing is nothing: the growing distances cost this test no time.
        let pending = start_at_interval(&issuer, &config, 60, 0).await;
        pending.wait().await.unwrap();
        assert_eq!(issuer.hits("/token"), 3);
        assert!(!pending.device.is_unanswered());
    }

    #[tokio::test]
    async fn an_interval_of_nothing_is_a_pause_all_the_same() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        issuer.on("POST", "/token", 400, PENDING);
        let pending = start_at_interval(&issuer, &config, 3, 0).await;
        assert_eq!(pending.device.interval, Duration::from_secs(1));
        let error = pending.wait().await.unwrap_err();
        assert!(matches!(error, SigninError::Expired), "{error:?}");
        assert!(issuer.hits("/token") <= 5, "{} polls in 3 s", issuer.hits("/token"));
    }

    #[tokio::test]
    async fn secrets_go_to_the_issuer_or_to_https() {
        let issuer = testing::Issuer::start().await;
        for (member, endpoint, is_fine) in [
            ("token_endpoint", "https://login.example.org/token", true),
            ("token_endpoint", "http://127.0.0.1:1/token", false),
            ("device_authorization_endpoint", "http://login.example.org/device", false),
            ("revocation_endpoint", "https://ada:pw@login.example.org/revoke", false),
        ] {
            let elsewhere = format!("{}/{member}/{is_fine}/{}", issuer.name(), endpoint.len());
            let mut document: serde_json::Value = serde_json::from_str(&issuer.document()).unwrap();
            document["issuer"] = elsewhere.clone().into();
            document[member] = endpoint.into();
            let path = format!("{}/.well-known/openid-configuration", &elsewhere[issuer.name().len()..]);
            issuer.on("GET", &path, 200, &document.to_string());
            let found = Issuer::find(&elsewhere).await;
            assert_eq!(found.is_ok(), is_fine, "{member} {endpoint}: {found:?}");
        }
        for address in ["ftp://issuer", "file:///etc", "not an address", "http://ada:pw@127.0.0.1:1"] {
            let refused = Issuer::find(address).await;
            assert!(matches!(refused, Err(SigninError::Broken { .. })), "{address}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn an_issuer_that_stays_away_is_not_taken_for_a_code_that_nobody_approved() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        issuer.on("POST", "/token", 502, "<html>Bad Gateway</html>");
        let pending = start(&issuer, &config, 3).await;
        let error = pending.wait().await.unwrap_err();
        assert!(matches!(error, SigninError::Unreachable { .. }), "{error:?}");
        assert!(pending.device.is_unanswered());
        assert_eq!(issuer.hits("/token"), 2, "at once and after two seconds: the distance has doubled");
        assert!(!config.path("credentials.json").exists());
    }

    #[tokio::test]
    async fn the_local_sign_in_goes_even_if_the_issuer_is_away() {
        let (_home, config) = testing::config();
        let server: Url = "http://127.0.0.1:1".parse().unwrap();
        let store = FileStore::new(&config);
        store.save(&ServerKey::new(&server), &testing::credentials("http://127.0.0.1:1")).await.unwrap();
        let logouts = logout(&server, &config).await.unwrap();
        assert!(matches!(logouts[..], [Logout { revocation: Revocation::Failed(_), .. }]), "{logouts:?}");
        assert_eq!(store.load(&ServerKey::new(&server)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_is_no_daemon_or_another_issuer_is_told() {
        let (_home, config) = testing::config();
        let issuer = testing::Issuer::start().await;
        let away =
            login(&"http://127.0.0.1:1".parse().unwrap(), &config, Storage::File, &Clock::system()).await;
        assert!(matches!(away.err(), Some(SigninError::Server(ClientError::Unreachable { .. }))));
        let elsewhere = format!("{}/elsewhere", issuer.name());
        issuer.on("GET", "/elsewhere/.well-known/openid-configuration", 200, &issuer.document());
        let error = Issuer::find(&elsewhere).await.unwrap_err();
        assert!(matches!(error, SigninError::Broken { .. }), "{error:?}");
    }
}
