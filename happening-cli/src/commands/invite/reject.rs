//! `happening invite reject`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::id::InviteId;
use happening_core::wire::Invite;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The invite's id
    #[arg(value_parser = crate::args::invite)]
    invite: InviteId,
    /// Get no invites of this organization any more, which it is not told
    #[arg(long)]
    block: bool,
}

impl Verb for Args {
    type Output = Invite;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Invite>> {
        let client = app.caller()?.client;
        let invite = if self.block {
            app.change(client.block_invites(self.invite)).await
        } else {
            app.change(client.reject_invite(self.invite)).await
        };
        Ok(Answer::item(invite.context("the invite was not declined")?))
    }
}
