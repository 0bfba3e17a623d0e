//! `happening user list`.

use crate::app::App;
use crate::extent::Extent;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::{User, UserStatus, UsersQuery};

const HELP: &str = "\
Operators and support may list everybody; others find up to 50 people at a time.

Examples:
  happening user list --search ada
  happening user list --status suspended";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// What the username or the e-mail address contains, at least two characters
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// active or suspended
    #[arg(long)]
    status: Option<UserStatus>,
    #[command(flatten)]
    extent: Extent,
}

impl Verb for Args {
    type Output = User;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<User>> {
        let caller = app.caller()?;
        let query = UsersQuery {
            search: self.search,
            status: self.status,
            limit: Some(self.extent.page()),
            ..UsersQuery::default()
        };
        let first = caller.client.find_users(&query).await?;
        Ok(self.extent.answer(&caller, first, "Nobody that you may see.").await?)
    }
}
