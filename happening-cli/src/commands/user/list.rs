//! `happening user list`.

use crate::app::App;
use crate::frame::Verb;
use crate::list_limit::ListLimit;
use crate::output::Answer;
use happening_core::wire::{FoundUser, UserStatus, UsersQuery};

const HELP: &str = "\
Operators and support may list everybody. Others find up to 50 people of their own organizations at a time, and anybody \
else only by the whole username or e-mail address.

Examples:
  happening user list --search ada
  happening user list --status suspended";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// What the username or the e-mail address contains, at least two characters; all of it for people you share no organization with
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// active or suspended
    #[arg(long)]
    status: Option<UserStatus>,
    #[command(flatten)]
    list_limit: ListLimit,
}

impl Verb for Args {
    type Output = FoundUser;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<FoundUser>> {
        let caller = app.caller()?;
        let query = UsersQuery {
            search: self.search,
            status: self.status,
            limit: Some(self.list_limit.page()),
            ..UsersQuery::default()
        };
        let first = caller.client.find_users(&query).await?;
        Ok(self.list_limit.answer(&caller, first, "Nobody that you may see.").await?)
    }
}
