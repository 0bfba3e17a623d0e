//! `happening org remove-member`.

use crate::app::App;
use crate::caller::is_missing;
use crate::frame::Verb;
use crate::output::{Answer, Membered, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;

const HELP: &str = "\
Example:
  happening org remove-member Demo member@example.org --yes --ignore-missing";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    /// Who, by id, username or e-mail address
    user: String,
    /// Succeed if the organization has no such member, or none that you may see
    #[arg(long)]
    ignore_missing: bool,
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
        let (organization_id, user_id) = if self.ignore_missing {
            let found = (caller.organization_if_any(&self.org).await?, caller.user_if_any(&self.user).await?);
            let (Some(organization), Some(user)) = found else { return Ok(nobody(app)) };
            (organization, user)
        } else {
            (caller.organization(&self.org).await?, caller.user(&self.user).await?)
        };
        let removed = app.change(caller.client.remove_member(organization_id, user_id)).await;
        if self.ignore_missing && removed.as_ref().is_err_and(is_missing) {
            return Ok(nobody(app));
        }
        removed.context("nobody was removed")?;
        Ok(Answer::item(Membered { organization_id, user_id, role: None, invite: None }))
    }
}

/// There is no membership to tell of.
fn nobody(app: &App<'_>) -> Answer<Membered> {
    app.console.note("There is no such member: nothing was changed.");
    Answer::nothing()
}
