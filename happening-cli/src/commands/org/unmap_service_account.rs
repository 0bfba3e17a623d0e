//! `happening org unmap-service-account`.

use crate::app::App;
use crate::caller::is_missing;
use crate::frame::Verb;
use crate::output::{Answer, Deleted, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    /// The client of the issuer
    #[arg(value_name = "CLIENT_ID")]
    client: String,
    /// Succeed if it has no role in the organization, or the organization is none that you may see
    #[arg(long)]
    ignore_missing: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Deleted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Deleted>> {
        let caller = app.caller()?;
        let missing = Deleted { id: self.client.clone(), deleted: false };
        let id = if self.ignore_missing {
            let Some(id) = caller.organization_if_any(&self.org).await? else {
                return Ok(Answer::item(missing));
            };
            id
        } else {
            caller.organization(&self.org).await?
        };
        let (org, client) = (visible(&self.org), visible(&self.client));
        let question = async { Ok(format!("Take the role in {org} from the service account {client}?")) };
        self.confirmation.obtain(app.console, question).await?;
        let unmapped = app.change(caller.client.unmap_service_account(id, &self.client)).await;
        if self.ignore_missing && unmapped.as_ref().is_err_and(is_missing) {
            return Ok(Answer::item(missing));
        }
        unmapped.context("the service account keeps its role")?;
        Ok(Answer::item(Deleted { id: self.client, deleted: true }))
    }
}
