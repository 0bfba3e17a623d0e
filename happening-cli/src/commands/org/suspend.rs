//! `happening org suspend`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, visible};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::wire::{Organization, OrganizationStatus};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Verb for Args {
    type Output = Organization;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Organization>> {
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        let org = visible(&self.org);
        let question = async {
            Ok(format!("Suspend {org}? Nobody can book or change anything in it until it is resumed."))
        };
        self.confirmation.obtain(app.console, question).await?;
        let set = app.change(caller.client.set_organization_status(id, OrganizationStatus::Suspended)).await;
        Ok(Answer::item(set.context("the organization was not suspended")?))
    }
}
