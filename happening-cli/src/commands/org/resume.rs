//! `happening org resume`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::wire::{Organization, OrganizationStatus};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
}

impl Verb for Args {
    type Output = Organization;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Organization>> {
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        let set = app.change(caller.client.set_organization_status(id, OrganizationStatus::Active)).await;
        Ok(Answer::item(set.context("the organization was not resumed")?))
    }
}
