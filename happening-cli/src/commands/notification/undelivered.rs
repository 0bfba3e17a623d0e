//! `happening notification undelivered`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::{UndeliveredNotification, UndeliveredQuery};

/// Notifications in one answer.
const PAGE: u32 = 1_000;

const HELP: &str = "\
`pending` is still tried, or on its way this very moment; `failed` was given up and is parked. What was discarded is not \
listed.

Example:
  happening notification undelivered --jq '.[] | select(.status == \"failed\") | .id'";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true)]
    limit: u32,
}

impl Verb for Args {
    type Output = UndeliveredNotification;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<UndeliveredNotification>> {
        let caller = app.caller()?;
        let query = UndeliveredQuery { limit: Some(PAGE), cursor: None };
        let first = caller.client.undelivered(&query).await?;
        let found = caller.all_of(first, self.limit as usize).await?;
        Ok(Answer::list(found, "Everybody was told."))
    }
}
