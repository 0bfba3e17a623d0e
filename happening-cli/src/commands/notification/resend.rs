//! `happening notification resend`.

use crate::app::App;
use crate::frame::Verb;
use crate::many;
use crate::output::{Answer, Attempted};
use happening_core::id::NotificationId;

const HELP: &str = "\
It is delivered with the same words through every channel, whether it arrived before or not. Exit 9 if some could not \
be resent.

Example:
  happening notification undelivered -o name | xargs happening notification resend";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The notification's id
    #[arg(required = true, value_name = "ID", value_parser = crate::args::notification)]
    ids: Vec<NotificationId>,
}

impl Verb for Args {
    type Output = Attempted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Attempted>> {
        let client = app.caller()?.client;
        let resend = async |id| client.resend_notification(id).await;
        Ok(many::each(app, &self.ids, "resent", resend).await?.answer("Nothing to resend."))
    }
}
