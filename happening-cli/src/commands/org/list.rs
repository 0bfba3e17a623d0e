//! `happening org list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::OrganizationOfUser;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Someone else's, by id, username or e-mail address; yours if left out
    #[arg(long, value_name = "USER")]
    user: Option<String>,
}

impl Verb for Args {
    type Output = OrganizationOfUser;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<OrganizationOfUser>> {
        let caller = app.caller()?;
        let user = caller.user_or_me(self.user.as_deref()).await?;
        Ok(Answer::list(caller.client.organizations_of(user).await?, "No organizations."))
    }
}
