//! `happening org audit`.

use crate::app::App;
use crate::commands::audit::Filters;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::AuditRecord;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    #[command(flatten)]
    filters: Filters,
}

impl Verb for Args {
    type Output = AuditRecord;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<AuditRecord>> {
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        let first = caller.client.audit_of(id, &self.filters.query(&caller).await?).await?;
        Ok(Answer::list(caller.all_of(first, self.filters.most()).await?, "Nothing of that kind was done."))
    }
}
