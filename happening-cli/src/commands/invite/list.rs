//! `happening invite list`.

use crate::app::App;
use crate::frame::Verb;
use crate::list_limit::ListLimit;
use crate::output::Answer;
use happening_core::client::Page;
use happening_core::wire::{Invite, PageQuery};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// All of this organization, by id or name; those that wait for your answer if left out
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
    #[command(flatten)]
    list_limit: ListLimit,
}

impl Verb for Args {
    type Output = Invite;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Invite>> {
        let caller = app.caller()?;
        let first = match &self.org {
            Some(org) => {
                let id = caller.organization(org).await?;
                let query = PageQuery { limit: Some(self.list_limit.page()), cursor: None };
                caller.client.find_invites(id, &query).await?
            }
            None => Page { items: caller.client.pending_invites(caller.me().await?.id).await?, next: None },
        };
        Ok(self.list_limit.answer(&caller, first, "No invites.").await?)
    }
}
