//! `happening org map-service-account`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::wire::{MapServiceAccount, Role, ServiceAccount};

const HELP: &str = "\
The service account has to accept, with its own credentials. An operator maps it at once.

Example:
  happening org map-service-account Demo box-office organizer
  export HAPPENING_CLIENT_ID=box-office HAPPENING_CLIENT_SECRET=...
  happening invite accept \"$(happening invite list -o name)\"
  happening event list";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    /// A confidential client of the issuer
    #[arg(value_name = "CLIENT_ID")]
    client: String,
    /// user, organizer or orgAdmin
    #[arg(add = crate::completion::words(Role::ALL))]
    role: Role,
}

impl Verb for Args {
    type Output = ServiceAccount;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<ServiceAccount>> {
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        let map = MapServiceAccount { client_id: self.client, role: self.role };
        let account = app.change(caller.client.map_service_account(id, &map)).await;
        let account = account.context("the service account has no role")?;
        if account.pending {
            app.console.note(
                "asked; it accepts with its own credentials: `happening invite list`, then `happening invite accept ID`",
            );
        }
        Ok(Answer::item(account))
    }
}
