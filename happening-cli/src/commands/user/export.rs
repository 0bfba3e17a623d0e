//! `happening user export`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Document};

const HELP: &str = "\
Example:
  happening user export > me.json";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Who, by id, username or e-mail address; you if left out
    user: Option<String>,
}

impl Verb for Args {
    type Output = Document;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Document>> {
        let caller = app.caller()?;
        let user = caller.user_or_me(self.user.as_deref()).await?;
        Ok(Answer::item(Document::of(&caller.client.export_user(user).await?)?))
    }
}
