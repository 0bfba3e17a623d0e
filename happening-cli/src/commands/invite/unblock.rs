//! `happening invite unblock`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, visible};
use anyhow::Context as _;
use happening_core::wire::InviteBlock;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The organization, by id or name, as `happening invite blocks` shows it
    #[arg(value_name = "ID|NAME")]
    org: String,
    /// Succeed if it is not blocked
    #[arg(long)]
    ignore_missing: bool,
}

impl Verb for Args {
    type Output = InviteBlock;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<InviteBlock>> {
        let caller = app.caller()?;
        let me = caller.me().await?.id;
        // Whoever blocked it need not be able to see it: it is looked for among the blocks alone.
        let blocks = caller.client.invite_blocks(me).await?;
        let is_meant = |block: &InviteBlock| {
            block.organization_id.to_string() == self.org || block.organization_name == self.org
        };
        let mut meant = blocks.into_iter().filter(is_meant);
        let Some(block) = meant.next() else {
            if self.ignore_missing {
                app.console.note("It is not blocked: nothing was changed.");
                return Ok(Answer::nothing());
            }
            let org = visible(&self.org);
            return Err(CliError::NotFound(format!("no organization {org} is blocked")).into());
        };
        if meant.next().is_some() {
            let org = visible(&self.org);
            return Err(CliError::Usage(format!(
                "several blocked organizations are called {org}: name its id"
            ))
            .into());
        }
        let lifted = app.change(caller.client.unblock_invites(me, block.organization_id)).await;
        lifted.context("the block was not lifted")?;
        Ok(Answer::item(block))
    }
}
