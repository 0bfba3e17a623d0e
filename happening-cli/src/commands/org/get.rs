//! `happening org get`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, visible};
use anyhow::Context as _;
use happening_core::wire::Organization;

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
        let organization = caller.client.organization(id).await;
        Ok(Answer::item(organization.with_context(|| format!("organization {}", visible(&self.org)))?))
    }
}
