//! `happening org update`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::client::{Client, ClientError, Tagged};
use happening_core::id::OrganizationId;
use happening_core::wire::{ErrorCode, Organization, UpdateOrganization, UpdateSettings, WaitlistPolicy};

/// How often a change is made again because somebody else was quicker. Each time somebody's change succeeded.
const RETRIES: u32 = 20;

const HELP: &str = "\
What is not named stays.

Example:
  happening org update Demo --timezone Europe/Berlin --contact box-office@example.org";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    /// Its new name
    #[arg(long)]
    name: Option<String>,
    /// In which dates without an offset are read, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// For its new events: split or whole
    #[arg(long, value_name = "POLICY", add = crate::completion::words(WaitlistPolicy::ALL))]
    waitlist_policy: Option<WaitlistPolicy>,
    /// Whom to ask
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
}

impl Verb for Args {
    type Output = Organization;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Organization>> {
        let sets = self.timezone.is_some() || self.waitlist_policy.is_some() || self.contact.is_some();
        if self.name.is_none() && !sets {
            return Err(
                CliError::Usage("nothing to change: name what, such as --name NAME".to_owned()).into()
            );
        }
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        let organization = app.change(self.update(&caller.client, id)).await;
        Ok(Answer::item(organization.context("the organization was not changed")?))
    }
}

impl Args {
    /// Changes what is named, on what is there then: whatever somebody else changes at the same time stays.
    async fn update(&self, client: &Client, id: OrganizationId) -> Result<Organization, ClientError> {
        let mut attempts = 0;
        loop {
            let Tagged { tag, .. } = client.tagged_organization(id).await?;
            let settings = UpdateSettings {
                timezone: self.timezone.clone().map(Some),
                waitlist_policy: self.waitlist_policy.map(Some),
                contact: self.contact.clone().map(Some),
            };
            let update = UpdateOrganization { name: self.name.clone(), settings: Some(settings) };
            match client.update_organization_if(id, tag.as_deref(), &update).await {
                Err(error) if error.code() == Some(ErrorCode::Stale) && attempts < RETRIES => attempts += 1,
                updated => return updated,
            }
        }
    }
}
