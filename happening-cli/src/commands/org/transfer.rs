//! `happening org transfer`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::wire::Organization;

const HELP: &str = "\
The new owner is a member, has to accept the offer (`happening invite accept`), and becomes orgAdmin then. Operators \
hand an organization over at once.

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
        let question = async {
            Ok(format!("Make {to} the owner of {org}? Once they accept, only they can hand it back."))
        };
        self.confirmation.obtain(app.console, question).await?;
        let transferred = app.change(caller.client.transfer_organization(id, user)).await;
        let transferred = transferred.context("the organization was not handed over")?;
        if let Some(offer) = &transferred.offer {
            app.console.note(&format!("offered; they accept with `happening invite accept {}`", offer.id));
        }
        Ok(Answer::item(transferred.organization))
    }
}
