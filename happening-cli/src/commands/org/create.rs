//! `happening org create`.

use crate::app::App;
use crate::caller::{Called, called};
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, visible};
use anyhow::Context as _;
use happening_core::wire::{CreateOrganization, Organization, OrganizationSettings, WaitlistPolicy};

const HELP: &str = "\
Example:
  happening org create --name \"Jazz Club\" --timezone Europe/Berlin";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Its name
    #[arg(long)]
    name: String,
    /// In which dates without an offset are read, such as Europe/Berlin [default: UTC]
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
    /// If you belong to an organization of this name, answer with that one
    #[arg(long)]
    if_not_exists: bool,
}

impl Verb for Args {
    type Output = Organization;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Organization>> {
        let caller = app.caller()?;
        let client = &caller.client;
        if self.if_not_exists {
            let mine = client.organizations_of(caller.me().await?.id).await?;
            // Whatever the name leads to in any other command is what there is.
            match called(&mine, &self.name, |one| &one.name) {
                Called::None => {}
                Called::One(one) => {
                    let told = "You belong to an organization of this name already: nothing was changed.";
                    app.console.note(told);
                    return Ok(Answer::item(client.organization(one.id).await?));
                }
                Called::Several => {
                    let name = visible(&self.name);
                    let why =
                        format!("several of your organizations are called `{name}`: nothing was changed");
                    return Err(CliError::Conflict(why).into());
                }
            }
        }
        let settings = OrganizationSettings {
            timezone: self.timezone,
            waitlist_policy: self.waitlist_policy,
            contact: self.contact,
            language: self.language,
            color: self.message_color,
            event_minutes: self.event_minutes,
        };
        let create = CreateOrganization { name: self.name, settings: Some(settings) };
        let organization = app.change(client.create_organization(&create)).await;
        Ok(Answer::item(organization.context("the organization was not founded")?))
    }
}
