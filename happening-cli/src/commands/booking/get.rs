//! `happening booking get`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, BookingDetail};
use anyhow::Context as _;
use happening_core::id::BookingId;
use happening_core::wire::BookingStatus;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The booking's id
    #[arg(add = crate::completion::bookings(), value_parser = crate::args::booking)]
    booking: BookingId,
}

impl Verb for Args {
    type Output = BookingDetail;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<BookingDetail>> {
        let client = app.caller()?.client;
        let booking =
            client.booking(self.booking).await.with_context(|| format!("booking {}", self.booking))?;
        let position = match booking.status {
            BookingStatus::Waiting => client.waiting_position(self.booking).await?.position,
            BookingStatus::Confirmed | BookingStatus::Cancelled => None,
        };
        Ok(Answer::item(BookingDetail { booking, position }))
    }
}
