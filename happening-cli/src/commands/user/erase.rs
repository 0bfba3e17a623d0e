//! `happening user erase`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Deleted, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::wire::EraseUser;

const HELP: &str = "\
What they booked is cancelled, and those who wait get the seats.

Example:
  happening user erase ada@example.org --issuer-account --yes";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Who, by id, username or e-mail address
    user: String,
    /// The account at the issuer too
    #[arg(long)]
    issuer_account: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Deleted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Deleted>> {
        let caller = app.caller()?;
        let id = caller.user(&self.user).await?;
        let name = visible(&self.user);
        let account = if self.issuer_account { ", and their account at the issuer" } else { "" };
        let question = async { Ok(format!("Erase {name}{account}? There is no way back.")) };
        self.confirmation.obtain(app.console, question).await?;
        let erase = EraseUser { keycloak_account: self.issuer_account };
        app.change(caller.client.erase_user(id, erase)).await.context("nobody was erased")?;
        Ok(Answer::item(Deleted { id: id.to_string(), deleted: true }))
    }
}
