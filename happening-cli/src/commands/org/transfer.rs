//! `happening org transfer`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::wire::Organization;

const HELP: &str = "\
The new owner is a member, and becomes orgAdmin.

Example:
  happening org transfer Demo --to ada@example.org --yes";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    /// Who becomes the owner, by id, username or e-mail address
    #[arg(long, value_name = "USER")]
    to: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Organization;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Organization>> {
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        let user = caller.user(&self.to).await?;
        let (org, to) = (visible(&self.org), visible(&self.to));
        let question = async { Ok(format!("Make {to} the owner of {org}? Only they can hand it back.")) };
        self.confirmation.obtain(app.console, question).await?;
        let organization = app.change(caller.client.transfer_organization(id, user)).await;
        Ok(Answer::item(organization.context("the organization was not handed over")?))
    }
}
