//! `happening booking wait`.

use crate::app::App;
use crate::caller::is_missing;
use crate::frame::Verb;
use crate::output::{Answer, BookingDetail, visible};
use crate::wait::{Progress, wait};
use anyhow::Context as _;
use clap::ValueEnum;
use happening_core::client::ClientError;
use happening_core::id::BookingId;
use happening_core::wire::{BookingStatus, Event, EventStatus, WaitReason};

const HELP: &str = "\
Exit 0 once it is so, 7 if --timeout is over first, 6 if the booking is cancelled, or its event is gone, over, has begun, or has fewer seats than the booking waits for.

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

/// Why nobody is promoted at an event any more; nothing if somebody may be, or if the daemon could not say.
fn hopeless(event: Result<Event, ClientError>) -> Option<String> {
    match event {
        Err(error) if is_missing(&error) => {
            Some("the event is gone, or not for you to see any more".to_owned())
        }
        Ok(event) if matches!(event.status, EventStatus::Completed | EventStatus::Cancelled) => {
            Some(format!("the event is {}", event.status))
        }
        _ => None,
    }
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
                    if let Some(why) = hopeless(client.event(booking.event_id).await) {
                        return Ok(Progress::Hopeless(why));
                    }
                    let why = client.why(id).await?;
                    if matches!(why.reason, WaitReason::Closed | WaitReason::TooLarge) {
                        return Ok(Progress::Hopeless(visible(&why.explanation)));
                    }
                    let place = why
                        .position
                        .map_or_else(|| "somewhere".to_owned(), |place| format!("number {place}"));
                    Progress::Waiting(format!("the booking is {place} in line for {} seats", booking.seats))
                }
            })
        });
        Ok(Answer::item(BookingDetail { booking: booking.await?, position: None }))
    }
}
