//! `happening invite revoke`.

use crate::app::App;
use crate::caller::is_missing;
use crate::frame::Verb;
use crate::output::{Answer, Deleted};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::id::InviteId;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The invite's id
    #[arg(value_parser = crate::args::invite)]
    invite: InviteId,
    /// Succeed if there is no such invite, or none that you may take back
    #[arg(long)]
    ignore_missing: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Deleted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Deleted>> {
        let client = app.caller()?.client;
        let question = async { Ok(format!("Take the invite {} back?", self.invite)) };
        self.confirmation.obtain(app.console, question).await?;
        let revoked = app.change(client.revoke_invite(self.invite)).await;
        let id = self.invite.to_string();
        if self.ignore_missing && revoked.as_ref().is_err_and(is_missing) {
            return Ok(Answer::item(Deleted { id, deleted: false }));
        }
        revoked.context("the invite was not taken back")?;
        Ok(Answer::item(Deleted { id, deleted: true }))
    }
}
