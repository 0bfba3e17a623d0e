//! `happening invite list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::Invite;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// All of this organization, by id or name; those that wait for your answer if left out
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
}

impl Verb for Args {
    type Output = Invite;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Invite>> {
        let caller = app.caller()?;
        let invites = match &self.org {
            Some(org) => caller.client.invites_of(caller.organization(org).await?).await?,
            None => caller.client.pending_invites(caller.me().await?.id).await?,
        };
        Ok(Answer::list(invites, "No invites."))
    }
}
