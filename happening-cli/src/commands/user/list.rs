//! `happening user list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::User;

const HELP: &str = "\
Example:
  happening user list --search ada";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// What the username or the e-mail address contains, at least two characters
    #[arg(long, value_name = "TEXT")]
    search: String,
}

impl Verb for Args {
    type Output = User;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<User>> {
        let users = app.caller()?.client.search_users(&self.search).await?;
        Ok(Answer::list(users, "Nobody that you may see."))
    }
}
