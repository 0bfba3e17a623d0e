//! `happening login`: the device flow, told to a person.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Identity, grouped, qr_code, size_for_people, visible};
use crate::{browser, prompt};
use anyhow::Context as _;
use happening_core::signin::{self, DeviceLogin, PendingLogin, SigninError, Storage, TokenOrigin};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

const HELP: &str = "\
The sign-in is kept in the keyring; where there is none, in a file only if you say so.

Examples:
  happening login
  happening login --no-browser --insecure-storage     over SSH, on a machine without a keyring";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Do not offer to open a browser here
    #[arg(long)]
    no_browser: bool,
    /// Keep the sign-in in a file that only you can read, instead of the keyring
    #[arg(long)]
    insecure_storage: bool,
}

impl Verb for Args {
    type Output = Identity;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Identity>> {
        let storage = if self.insecure_storage { Storage::File } else { app.config.storage() };
        let server = &app.server.url;
        let pending = signin::login(server, &app.config, storage, &app.clock).await.map_err(|error| {
            let what = match error {
                SigninError::NoKeyring(_) | SigninError::KeyringLocked => {
                    "cannot sign in without --insecure-storage"
                }
                _ => "cannot sign in",
            };
            anyhow::Error::from(error).context(what)
        })?;
        let offers_browser = !self.no_browser && prompt::can_ask();
        show(&pending.device, offers_browser, app);
        let origin = wait(&pending, offers_browser, app).await.context("not signed in")?;
        app.console.note(&format!("Signed in; the sign-in is kept in {}.", visible(&origin.to_string())));
        greet(&origin, app).await
    }
}

/// Prints what the person needs, whatever else is silenced.
fn show(device: &DeviceLogin, offers_browser: bool, app: &App<'_>) {
    let console = app.console;
    console.say(&format!("Your code: {}", visible(&grouped(&device.user_code))));
    console.say(&format!("Enter it at {}", visible(&device.verification_uri)));
    if let Some(complete) = &device.verification_uri_complete {
        console.say(&format!("or open     {}", visible(complete)));
        if let Some(code) = size_for_people().and_then(|size| qr_code(complete, size)) {
            console.note(&code);
        }
    }
    if offers_browser {
        console.note("Press Enter to open it in your browser here.");
    }
}

/// Waits for the approval. Meanwhile Enter opens the browser, and a person sees how long the code lasts.
async fn wait(
    pending: &PendingLogin,
    offers_browser: bool,
    app: &App<'_>,
) -> Result<TokenOrigin, SigninError> {
    let spinner = app.console.spinner();
    let mut second = tokio::time::interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut approval = std::pin::pin!(pending.wait());
    let mut enter = std::pin::pin!(async { if offers_browser { prompt::line().await } else { None } });
    let mut listening = offers_browser;
    let result = loop {
        tokio::select! {
            result = &mut approval => break result,
            pressed = &mut enter, if listening => {
                listening = false;
                if pressed.is_some() {
                    spinner.suspend(|| {
                        app.console.take_back_enter();
                        open(&pending.device, app);
                    });
                }
            }
            _ = second.tick() => spinner.set_message(countdown(&pending.device, app)),
        }
    };
    spinner.finish_and_clear();
    result
}

fn open(device: &DeviceLogin, app: &App<'_>) {
    let address = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
    if let Err(error) = browser::open(address) {
        app.console.warn(&format!("no browser could be started here ({error}): open the address yourself"));
    }
}

fn countdown(device: &DeviceLogin, app: &App<'_>) -> String {
    let left = (device.expires_at - app.clock.now()).num_seconds().max(0);
    let what = if device.is_unanswered() {
        "The issuer does not answer: trying again"
    } else {
        "Waiting for your approval"
    };
    format!("{what}; the code expires in {}:{:02}", left / 60, left % 60)
}

/// Tells who it is; a person whom the daemon does not know yet is made known.
async fn greet(origin: &TokenOrigin, app: &App<'_>) -> anyhow::Result<Answer<Identity>> {
    let caller = app.caller()?;
    if caller.session.origin() != origin {
        let origin = caller.session.origin();
        app.console
            .warn(&format!("other commands do not use this sign-in, but {origin}: unset it to use it"));
        return Ok(Answer::nothing());
    }
    let person = signin::ensure_person(&caller.session, &caller.client).await?;
    if person.first_sign_in {
        app.console.note("Welcome: you have an organization of your own now.");
    }
    if person.user.is_none() {
        return Err(CliError::NotFound(
            "signed in, but the token has no e-mail address to be known by".to_owned(),
        )
        .into());
    }
    Ok(Answer::item(Identity::new(app.server.url.as_str(), person, origin)))
}
