//! `happening org service-accounts`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::ServiceAccount;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
}

impl Verb for Args {
    type Output = ServiceAccount;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<ServiceAccount>> {
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        Ok(Answer::list(caller.client.service_accounts(id).await?, "No service accounts."))
    }
}
