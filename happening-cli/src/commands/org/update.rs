//! `happening org update`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::wire::{Organization, UpdateOrganization, WaitlistPolicy};

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
        let mut update = UpdateOrganization { name: self.name, settings: None };
        if sets {
            // They are written as a whole: what stays must come along.
            let mut settings = caller.client.organization(id).await?.settings;
            settings.timezone = self.timezone.or(settings.timezone);
            settings.waitlist_policy = self.waitlist_policy.or(settings.waitlist_policy);
            settings.contact = self.contact.or(settings.contact);
            update.settings = Some(settings);
        }
        let organization = app.change(caller.client.update_organization(id, &update)).await;
        Ok(Answer::item(organization.context("the organization was not changed")?))
    }
}
