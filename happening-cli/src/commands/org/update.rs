//! `happening org update`.

use crate::app::App;
use crate::args::edited;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use clap::ValueEnum;
use happening_core::client::{Client, ClientError, Tagged};
use happening_core::id::OrganizationId;
use happening_core::wire::{ErrorCode, Organization, UpdateOrganization, UpdateSettings, WaitlistPolicy};

/// How often a change is made again because somebody else was quicker. Each time somebody's change succeeded.
const RETRIES: u32 = 20;

const HELP: &str = "\
What is not named stays.

Examples:
  happening org update Demo --timezone Europe/Berlin --contact box-office@example.org
  happening org update Demo --clear contact";

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
    /// Of messages to people of whom none is known, such as de or de-AT
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Of messages, such as #2f5bd7
    #[arg(long, value_name = "COLOR")]
    message_color: Option<String>,
    /// How long its events take that do not say when they end
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    event_minutes: Option<u32>,
    /// What it is to decide no more; may be several, with commas
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    clear: Vec<Clearable>,
}

/// What an organization may leave to the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Clearable {
    Timezone,
    WaitlistPolicy,
    Contact,
    Language,
    MessageColor,
    EventMinutes,
}

impl Verb for Args {
    type Output = Organization;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Organization>> {
        let clears = |what: Clearable| self.clear.contains(&what);
        let settings = UpdateSettings {
            timezone: edited(self.timezone, clears(Clearable::Timezone), "timezone")?,
            waitlist_policy: edited(
                self.waitlist_policy,
                clears(Clearable::WaitlistPolicy),
                "waitlist-policy",
            )?,
            contact: edited(self.contact, clears(Clearable::Contact), "contact")?
                .map(|contact| contact.filter(|contact| !contact.is_empty())),
            language: edited(self.language, clears(Clearable::Language), "language")?,
            color: edited(self.message_color, clears(Clearable::MessageColor), "message-color")?,
            event_minutes: edited(self.event_minutes, clears(Clearable::EventMinutes), "event-minutes")?,
        };
        let settings = Some(settings).filter(|settings| *settings != UpdateSettings::default());
        let update = UpdateOrganization { name: self.name, settings };
        if update == UpdateOrganization::default() {
            return Err(
                CliError::Usage("nothing to change: name what, such as --name NAME".to_owned()).into()
            );
        }
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        let organization = app.change(change(&caller.client, id, &update)).await;
        Ok(Answer::item(organization.context("the organization was not changed")?))
    }
}

/// Makes a change to what is there then: whatever somebody else changes at the same time stays.
async fn change(
    client: &Client,
    id: OrganizationId,
    update: &UpdateOrganization,
) -> Result<Organization, ClientError> {
    let mut attempts = 0;
    loop {
        let Tagged { tag, .. } = client.tagged_organization(id).await?;
        match client.update_organization_if(id, tag.as_deref(), update).await {
            Err(error) if error.code() == Some(ErrorCode::Stale) && attempts < RETRIES => attempts += 1,
            updated => return updated,
        }
    }
}
