//! Signing in, with the library that the command line uses too: whoever signed in there is signed in here.

use super::memory::InMemory;
use super::{TIMEOUT, TaskContext};
use crate::effect::SignInFrom;
use crate::message::Message;
use crate::model::{DeviceCode, SignInStep, Who};
use crate::trouble::{Trouble, TroubleKind};
use happening_core::client::{Client, ClientOptions};
use happening_core::signin::{
    Config, DeviceLogin, Session, SigninError, TokenOrigin, discover, ensure_person, login, session,
};
use std::sync::Arc;
use uuid::Uuid;

/// Said where nothing can keep the sign-in. It will not be kept in a file that nobody asked for.
const NOT_KEPT: &str =
    "No keyring here: this sign-in ends with this run; --insecure-storage keeps it in a file";

pub async fn run(context: Arc<TaskContext>, attempt: u32, from: SignInFrom) {
    let step = match attempt_from(&context, attempt, from).await {
        Ok(step) => step,
        Err(SigninError::Denied) => SignInStep::Denied,
        Err(SigninError::Expired) => SignInStep::Expired,
        Err(error) => SignInStep::Failed(Trouble::from(&error)),
    };
    context.tell(Message::SignIn { attempt, step }).await;
}

async fn attempt_from(
    context: &TaskContext,
    attempt: u32,
    from: SignInFrom,
) -> Result<SignInStep, SigninError> {
    if from == SignInFrom::AtHand {
        let session = session(&context.server(), &context.config, &context.clock)?;
        let client = session.client_with(options());
        match enter(context, &session, client, None).await {
            Err(error) if is_signed_out(&error) && can_ask(session.origin()) => {}
            Err(error) if is_signed_out(&error) => {
                return Ok(SignInStep::Failed(refused(session.origin(), &error)));
            }
            entered => return entered,
        }
    }
    let config = without_credentials(&context.config);
    match login(&context.server(), &config, context.storage, &context.clock).await {
        Ok(pending) => {
            show(context, attempt, &pending.device).await;
            pending.wait().await?;
            let session = session(&context.server(), &config, &context.clock)?;
            let client = session.client_with(options());
            enter(context, &session, client, None).await
        }
        Err(SigninError::NoKeyring(_) | SigninError::KeyringLocked) => {
            for_this_run(context, attempt, config).await
        }
        Err(error) => Err(error),
    }
}

/// Signs in without keeping it anywhere.
async fn for_this_run(
    context: &TaskContext,
    attempt: u32,
    mut config: Config,
) -> Result<SignInStep, SigninError> {
    let (daemon, issuer) = discover(&context.server()).await?;
    let device = DeviceLogin::start(&issuer, &daemon.clients.cli, &context.clock).await?;
    show(context, attempt, &device).await;
    let tokens = device.wait(&context.clock).await?;
    // The library says whose a token is that is handed to it.
    config.environment.token = Some(tokens.access.token.clone());
    let source = InMemory::new(issuer, daemon.clients.cli, context.clock.clone(), tokens);
    let client = Client::with_options(context.server(), source, options());
    let session = session(&context.server(), &config, &context.clock)?;
    enter(context, &session, client, Some(NOT_KEPT.to_owned())).await
}

/// Makes sure that the daemon knows the person, and goes in.
async fn enter(
    context: &TaskContext,
    session: &Session,
    client: Client,
    warning: Option<String>,
) -> Result<SignInStep, SigninError> {
    let person = ensure_person(session, &client).await?;
    let claims = person.claims;
    let has = |role: &str| claims.realm_access.roles.iter().any(|one| one == role);
    let (operator, support) = (has("happening-operator"), has("happening-support"));
    let user = person.user.as_ref().map(|user| user.id);
    let memberships = person.user.as_ref().and_then(|user| user.organizations.clone()).unwrap_or_default();
    let roles =
        memberships.into_iter().map(|one| (one.organization_id, one.organization_name, one.role)).collect();
    let username = person.user.map(|user| user.username);
    let name = username.or(claims.preferred_username).or(claims.email).unwrap_or(claims.sub);
    context.set_client(Some(client));
    Ok(SignInStep::SignedIn { who: Box::new(Who { name, user, operator, support, roles }), warning })
}

/// How the daemon is asked: a change under a key of its own, so that it can be sent again when its answer is lost.
fn options() -> ClientOptions {
    ClientOptions { keys: Some(draw_key), ..ClientOptions::plain(TIMEOUT) }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a key must be new in every run: the one place that draws them"
)]
fn draw_key() -> Uuid {
    Uuid::new_v4()
}

async fn show(context: &TaskContext, attempt: u32, device: &DeviceLogin) {
    let code = DeviceCode {
        code: device.user_code.clone(),
        address: device.verification_uri.clone(),
        address_with_code: device.verification_uri_complete.clone(),
        expires_at: device.expires_at,
    };
    context.tell(Message::SignIn { attempt, step: SignInStep::Code(code) }).await;
}

fn is_signed_out(error: &SigninError) -> bool {
    Trouble::from(error).kind == TroubleKind::SignedOut
}

/// Whoever put a token into the environment meant it: they are told that it is refused before they are asked to sign in
/// as somebody else.
fn can_ask(origin: &TokenOrigin) -> bool {
    matches!(origin, TokenOrigin::Keyring | TokenOrigin::File(_))
}

fn refused(origin: &TokenOrigin, error: &SigninError) -> Trouble {
    let trouble = Trouble::from(error);
    Trouble { kind: TroubleKind::Refused, what: format!("{origin} is refused: {}", trouble.what), ..trouble }
}

fn without_credentials(config: &Config) -> Config {
    let mut config = config.clone();
    config.environment.token = None;
    config.environment.client_id = None;
    config.environment.client_secret = None;
    config
}
