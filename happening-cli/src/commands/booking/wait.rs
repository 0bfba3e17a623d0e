//! `happening booking wait`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, BookingDetail};
use crate::wait::{Progress, wait};
use anyhow::Context as _;
use clap::ValueEnum;
use happening_core::id::BookingId;
use happening_core::wire::BookingStatus;

const HELP: &str = "\
Exit 0 once it is so, 7 if --timeout is over first, 6 if the booking is cancelled.

Example:
  happening booking wait BOOKING --for=confirmed --timeout 2m";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The booking's id
    #[arg(add = crate::completion::bookings(), value_parser = crate::args::booking)]
    booking: BookingId,
    /// What to wait for
    #[arg(long = "for", value_name = "WHAT", value_enum)]
    what: What,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    Confirmed,
}

impl Verb for Args {
    type Output = BookingDetail;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<BookingDetail>> {
        let client = app.caller()?.client;
        let What::Confirmed = self.what;
        let booking = wait(app, async || {
            let id = self.booking;
            let booking = client.booking(id).await.with_context(|| format!("booking {id}"))?;
            Ok(match booking.status {
                BookingStatus::Confirmed => Progress::Done(booking),
                BookingStatus::Cancelled => Progress::Hopeless("the booking is cancelled".to_owned()),
                BookingStatus::Waiting => {
                    let place = client.waiting_position(id).await?.position;
                    let place =
                        place.map_or_else(|| "somewhere".to_owned(), |place| format!("number {place}"));
                    Progress::Waiting(format!("the booking is {place} in line for {} seats", booking.seats))
                }
            })
        });
        Ok(Answer::item(BookingDetail { booking: booking.await?, position: None }))
    }
}
