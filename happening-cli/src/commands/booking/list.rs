//! `happening booking list`.

use crate::app::App;
use crate::frame::Verb;
use crate::list_limit::ListLimit;
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
    list_limit: ListLimit,
}

impl Verb for Args {
    type Output = BookingWithEvent;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<BookingWithEvent>> {
        let caller = app.caller()?;
        let user = caller.user_or_me(self.user.as_deref()).await?;
        let query = PageQuery { limit: Some(self.list_limit.page()), cursor: None };
        let first = caller.client.find_bookings_of(user, &query).await?;
        Ok(self.list_limit.answer(&caller, first, "No bookings.").await?)
    }
}
