//! `happening org list`.

use crate::app::App;
use crate::frame::Verb;
use crate::list_limit::ListLimit;
use crate::output::{Answer, ListedOrganization};
use happening_core::client::Page;
use happening_core::wire::OrganizationsQuery;

const HELP: &str = "\
Examples:
  happening org list
  happening org list --any --search jazz";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Someone else's, by id, username or e-mail address; yours if left out
    #[arg(long, value_name = "USER", conflicts_with = "any")]
    user: Option<String>,
    /// Anybody's, oldest first; for operators and support
    #[arg(long)]
    any: bool,
    /// Of these, the ones whose name contains this
    #[arg(long, value_name = "TEXT", requires = "any")]
    search: Option<String>,
    #[command(flatten)]
    list_limit: ListLimit,
}

impl Verb for Args {
    type Output = ListedOrganization;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<ListedOrganization>> {
        let caller = app.caller()?;
        if self.any {
            let query = OrganizationsQuery {
                q: self.search,
                limit: Some(self.list_limit.page()),
                ..Default::default()
            };
            let first = caller.client.find_organizations(&query).await?;
            return Ok(self.list_limit.answer(&caller, first, "No organizations.").await?);
        }
        let user = caller.user_or_me(self.user.as_deref()).await?;
        let whole = Page { items: caller.client.organizations_of(user).await?, next: None };
        Ok(self.list_limit.answer(&caller, whole, "No organizations.").await?)
    }
}
