//! `happening booking list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::BookingWithEvent;

const HELP: &str = "\
Example:
  happening booking list --jq '.[] | select(.status == \"waiting\") | .booking_id'";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Someone else's, by id, username or e-mail address; yours if left out
    #[arg(long, value_name = "USER")]
    user: Option<String>,
}

impl Verb for Args {
    type Output = BookingWithEvent;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<BookingWithEvent>> {
        let caller = app.caller()?;
        let user = caller.user_or_me(self.user.as_deref()).await?;
        Ok(Answer::list(caller.client.bookings_of(user).await?, "No bookings."))
    }
}
