//! `happening logout`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, SignedOut, visible};
use anyhow::Context as _;
use happening_core::signin::{self, Revocation};

#[derive(Debug, clap::Args)]
pub struct Args {}

impl Verb for Args {
    type Output = SignedOut;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<SignedOut>> {
        let logouts = signin::logout(&app.server.url, &app.config).await.context("cannot sign out")?;
        let mut rows = Vec::new();
        for logout in logouts {
            match &logout.revocation {
            Revocation::Revoked => {}
            Revocation::NotOffered => {
                app.console.warn("the issuer takes no sign-in back: it stays good until it expires");
            }
            Revocation::Failed(error) => app.console.warn(&format!(
                "forgotten here, but not given back to the issuer, where it stays good until it expires: {}",
                visible(&error.to_string())
            )),
        }
            rows.push(SignedOut {
                server: app.server.url.as_str().trim_end_matches('/').to_owned(),
                from: logout.from.as_str(),
                revoked: matches!(logout.revocation, Revocation::Revoked),
            });
        }
        let environment = &app.config.environment;
        let stays = match (&environment.token, &environment.client_id) {
            (Some(_), _) => Some("HAPPENING_TOKEN"),
            (None, Some(_)) => Some("HAPPENING_CLIENT_ID"),
            (None, None) => None,
        };
        if let Some(which) = stays {
            app.console
                .warn(&format!("{which} is set, and signs in whatever this does: unset it to be signed out"));
        }
        Ok(Answer::list(rows, "Nobody was signed in."))
    }
}
