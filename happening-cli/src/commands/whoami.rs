//! `happening whoami`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Identity};
use happening_core::signin::Person;

const HELP: &str = "\
Examples:
  happening whoami --jq .user_id
  happening whoami --fields username,organizations -o yaml";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {}

impl Verb for Args {
    type Output = Identity;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Identity>> {
        let caller = app.caller()?;
        let claims = caller.session.claims().await?;
        // Looks only: whom the daemon does not know, it does not know.
        let user = caller.client.user_by_subject(&claims.sub).await?;
        let person = Person { claims, user, first_sign_in: false };
        Ok(Answer::item(Identity::new(app.server.url.as_str(), person, caller.session.origin())))
    }
}
