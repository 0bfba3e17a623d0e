//! `happening org remove-member`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Membered, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;

const HELP: &str = "\
Example:
  happening org remove-member Demo member@example.org --yes";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    /// Who, by id, username or e-mail address
    user: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Membered;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Membered>> {
        let caller = app.caller()?;
        let (org, user) = (visible(&self.org), visible(&self.user));
        let question = async { Ok(format!("Remove {user} from the organization {org}?")) };
        self.confirmation.obtain(app.console, question).await?;
        let organization_id = caller.organization(&self.org).await?;
        let user_id = caller.user(&self.user).await?;
        let removed = app.change(caller.client.remove_member(organization_id, user_id)).await;
        removed.context("nobody was removed")?;
        Ok(Answer::item(Membered { organization_id, user_id, role: None }))
    }
}
