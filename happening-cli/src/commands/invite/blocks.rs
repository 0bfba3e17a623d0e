//! `happening invite blocks`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::InviteBlock;

const HELP: &str = "\
An invite that is declined with --block is the last one of its organization.

Examples:
  happening invite reject INVITE --block
  happening invite blocks
  happening invite unblock Demo";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {}

impl Verb for Args {
    type Output = InviteBlock;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<InviteBlock>> {
        let caller = app.caller()?;
        let blocks = caller.client.invite_blocks(caller.me().await?.id).await?;
        Ok(Answer::list(blocks, "No organization is blocked."))
    }
}
