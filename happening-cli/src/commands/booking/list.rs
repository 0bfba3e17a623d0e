//! `happening booking list`.

use crate::app::App;
use crate::extent::Extent;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::{BookingWithEvent, PageQuery};

const HELP: &str = "\
Example:
  happening booking list --jq '.[] | select(.status == \"waiting\") | .booking_id'";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Someone else's, by id, username or e-mail address; yours if left out
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[command(flatten)]
    extent: Extent,
}

impl Verb for Args {
    type Output = BookingWithEvent;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<BookingWithEvent>> {
        let caller = app.caller()?;
        let user = caller.user_or_me(self.user.as_deref()).await?;
        let query = PageQuery { limit: Some(self.extent.page()), cursor: None };
        let first = caller.client.find_bookings_of(user, &query).await?;
        Ok(self.extent.answer(&caller, first, "No bookings.").await?)
    }
}
