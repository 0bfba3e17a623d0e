//! `happening doctor`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Finding, visible};
use chrono::TimeDelta;
use happening_core::client::{Client, TokenSource as _};
use happening_core::net;
use happening_core::signin::{self, Claims, FileStore, KeyringStore, SigninError, Storage, TokenStore};
use happening_core::wire::{Discovery, ErrorCode, Health};

/// A token is refused by a clock that is off by about this much.
const SKEW: TimeDelta = TimeDelta::seconds(30);

const HELP: &str = "\
Is the daemon there, whole, and of this version; do the clocks agree; is the issuer there; is there a sign-in, \
and does the daemon take its token. Exit 1 if anything keeps something from working.";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {}

impl Verb for Args {
    type Output = Finding;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Finding>> {
        let findings = examine(app).await;
        let wrong = findings.iter().filter(|finding| finding.is_problem()).count();
        let answer = Answer::list(findings, "Nothing was looked at.");
        Ok(if wrong > 0 { answer.but(CliError::Unwell(wrong)) } else { answer })
    }
}

/// Looks at one thing after the other; what rests on something that is not there is left out.
async fn examine(app: &App<'_>) -> Vec<Finding> {
    let mut findings = vec![token_store(app).await];
    if let Some(proxy) = net::proxy_for(&app.server.url) {
        findings.push(Finding::fine(
            "proxy",
            &format!("the daemon is asked through {}", visible(&proxy.to_string())),
        ));
    }
    let discovery = match app.anonymous().discovery().await {
        Ok(discovery) => discovery,
        Err(error) => {
            let mend = "happening-daemon serve, or name another with --server or HAPPENING_SERVER";
            findings.push(Finding::problem("daemon", &error, mend));
            return findings;
        }
    };
    findings.push(version(app, &discovery));
    findings.extend(parts(app).await);
    findings.extend(clock(app).await);
    findings.push(issuer(app).await);
    findings.extend(sign_in(app, &discovery).await);
    findings
}

async fn token_store(app: &App<'_>) -> Finding {
    let environment = &app.config.environment;
    if environment.token.is_some() || environment.client_id.is_some() {
        return Finding::fine("token store", "not needed: the environment says who you are");
    }
    let stores = (KeyringStore::new(), FileStore::new(&app.config));
    let probed = match app.config.storage() {
        Storage::Keyring => stores.0.probe().await,
        Storage::File => stores.1.probe().await,
    };
    match probed {
        Ok(()) => Finding::fine("token store", "works"),
        // A sign-in may be in a file all the same.
        Err(error @ SigninError::KeyringLocked) => Finding::warning(
            "token store",
            &error,
            "unlock the keyring, or happening config set storage file",
        ),
        Err(error) => Finding::warning("token store", &error, "happening config set storage file"),
    }
}

fn version(app: &App<'_>, discovery: &Discovery) -> Finding {
    let ours = env!("CARGO_PKG_VERSION");
    let theirs = visible(&discovery.version);
    let server = app.server.url.as_str().trim_end_matches('/');
    if theirs == ours {
        return Finding::fine("daemon", &format!("{server}, version {theirs}"));
    }
    let detail = format!("{server} has version {theirs}, this command {ours}");
    Finding::warning("daemon", &detail, "install the daemon's version of happening")
}

async fn parts(app: &App<'_>) -> Vec<Finding> {
    let readiness = match app.anonymous().readiness().await {
        Ok(readiness) => readiness,
        Err(error) => return vec![Finding::problem("parts", &error, "happening status")],
    };
    let found = readiness.parts.iter().map(|(name, part)| {
        let detail = format!("{} is {}", visible(&part.kind), part.state);
        let mend = "happening status; the daemon's log says why";
        match part.state {
            Health::Ok => Finding::fine(name, &detail),
            Health::Degraded => Finding::warning(name, &detail, mend),
            Health::Down => Finding::problem(name, &detail, mend),
        }
    });
    found.collect()
}

async fn clock(app: &App<'_>) -> Option<Finding> {
    let theirs = app.anonymous().clock().await.ok()??;
    // The daemon tells whole seconds.
    let off = app.clock.now() - theirs;
    if off.abs() <= SKEW {
        return Some(Finding::fine("clock", "agrees with the daemon's"));
    }
    let seconds = off.num_seconds();
    let (by, which) = (seconds.abs(), if seconds > 0 { "ahead of" } else { "behind" });
    let detail =
        format!("this machine's is {by} s {which} the daemon's: tokens are refused, or renewed too late");
    Some(Finding::problem("clock", &detail, "set the clock, such as with: timedatectl set-ntp true"))
}

async fn issuer(app: &App<'_>) -> Finding {
    match signin::discover(&app.server.url).await {
        Ok((_, issuer)) if issuer.device_authorization_endpoint.is_none() => {
            let error = SigninError::NoDeviceFlow(issuer.issuer);
            Finding::warning(
                "issuer",
                &error,
                "set HAPPENING_TOKEN, or HAPPENING_CLIENT_ID and HAPPENING_CLIENT_SECRET",
            )
        }
        Ok((_, issuer)) => {
            let through = net::through(&issuer.token_endpoint);
            Finding::fine("issuer", &visible(&format!("{}{through}", issuer.issuer)))
        }
        Err(error) => Finding::problem("issuer", &error, "happening status; the issuer's own log says why"),
    }
}

/// Whether there is a token, whether it is meant for this daemon, and whether the daemon takes it.
async fn sign_in(app: &App<'_>, discovery: &Discovery) -> Vec<Finding> {
    let mend = "happening login";
    let caller = match app.caller() {
        Ok(caller) => caller,
        Err(error) => return vec![Finding::problem("sign-in", &error, mend)],
    };
    let token = match caller.session.access_token().await {
        Ok(token) => token.unwrap_or_default(),
        Err(error) => return vec![Finding::problem("sign-in", &error, mend)],
    };
    let Some(claims) = Claims::of(&token) else {
        let detail = format!("the token of {} is no JWT", caller.session.origin());
        return vec![Finding::problem("sign-in", &detail, "unset HAPPENING_TOKEN, or give it a new value")];
    };
    let mut findings = Vec::new();
    if !claims.aud.contains(&discovery.audience) {
        let wanted = visible(&discovery.audience);
        let detail =
            format!("the token is not meant for `{wanted}`: the client has no audience mapper for it");
        let mend = format!(
            "add a mapper of type Audience for `{wanted}` to the client at the issuer, or name the client in the daemon's OIDC_TRUSTED_CLIENTS"
        );
        findings.push(Finding::warning("audience", &detail, &mend));
    }
    findings.extend(keycloak(&caller.client).await);
    findings.push(match caller.client.user_by_subject(&claims.sub).await {
        Ok(Some(user)) => {
            let from = visible(&caller.session.origin().to_string());
            Finding::fine("sign-in", &format!("{}, by {from}", visible(&user.username)))
        }
        Ok(None) => unknown(&claims),
        Err(error) if error.code() == Some(ErrorCode::Unauthenticated) => {
            Finding::problem("sign-in", &error, mend)
        }
        Err(error) => Finding::problem("sign-in", &error, "happening status"),
    });
    findings
}

/// Whom the daemon does not know.
fn unknown(claims: &Claims) -> Finding {
    if let Some(client) = claims.service_account() {
        let client = visible(client);
        let detail = format!("the service account {client} has no role in any organization");
        let mend = format!("an orgAdmin: happening org map-service-account ORG {client} organizer");
        return Finding::warning("sign-in", &detail, &mend);
    }
    let who = claims.preferred_username.as_deref().unwrap_or(&claims.sub);
    let detail = format!("the daemon does not know {} yet", visible(who));
    Finding::warning("sign-in", &detail, "happening login")
}

/// Whether Keycloak is kept in step: told to operators and support alone.
async fn keycloak(client: &Client) -> Option<Finding> {
    let status = client.admin_status().await.ok()?.keycloak;
    let waiting: u64 = status.pending.values().sum();
    let mend = "happening api GET /admin/status --jq .keycloak";
    let (state, trouble) = (status.state?, status.trouble);
    Some(match (state, trouble) {
        (_, Some(trouble)) => Finding::warning("keycloak", &trouble, mend),
        (Health::Ok, None) if status.failures.is_empty() => {
            Finding::fine("keycloak", &format!("in step, {waiting} changes on their way"))
        }
        (Health::Ok, None) => {
            let detail = format!("{} changes cannot be told to it", status.failures.len());
            Finding::warning("keycloak", &detail, mend)
        }
        (state, None) => Finding::warning("keycloak", &format!("{state}, {waiting} changes wait"), mend),
    })
}
