//! `happening invite send`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::wire::{CreateInvite, Invite, Role};

const HELP: &str = "\
The token is told this once.

Example:
  happening invite send ada@example.org --org Demo --role organizer";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The e-mail address
    email: String,
    /// The organization, by id or name; the one that you govern if left out
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
    /// What they will be: user, organizer or orgAdmin
    #[arg(long, default_value = "user")]
    role: Role,
    /// A few words
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
}

impl Verb for Args {
    type Output = Invite;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Invite>> {
        let caller = app.caller()?;
        let organization_id = match &self.org {
            Some(org) => Some(caller.organization(org).await?),
            None => None,
        };
        let create = CreateInvite {
            email: self.email,
            role: self.role,
            invited_by: None,
            message: self.message,
            organization_id,
        };
        let sent = app.change(caller.client.send_invite(&create)).await.context("nobody was invited")?;
        Ok(Answer::item(sent.invite))
    }
}
