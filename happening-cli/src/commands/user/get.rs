//! `happening user get`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::wire::User;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Who, by id, username or e-mail address; you if left out
    user: Option<String>,
}

impl Verb for Args {
    type Output = User;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<User>> {
        let caller = app.caller()?;
        let id = caller.user_or_me(self.user.as_deref()).await?;
        let user = caller.client.user(id).await;
        Ok(Answer::item(user.with_context(|| format!("user {id}"))?))
    }
}
