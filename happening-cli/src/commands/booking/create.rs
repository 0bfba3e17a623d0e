//! `happening booking create`.

use crate::app::App;
use crate::args::Seats;
use crate::frame::Verb;
use crate::output::{Answer, BookingDetail};
use anyhow::Context as _;
use clap::ValueEnum;
use happening_core::id::EventId;
use happening_core::wire::{Adjacent, BookingStatus, CreateBooking};
use uuid::Uuid;

const HELP: &str = "\
Examples:
  happening booking create EVENT --seats 2
  happening booking create EVENT --seat 3-5,9
  happening booking create EVENT --seats 4 --adjacent required
  happening booking create EVENT --seats 2 --user ada@example.org";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
    /// How many seats, whichever are free [default: 1]
    #[arg(long, value_name = "N", conflicts_with = "seat", allow_negative_numbers = true)]
    seats: Option<u32>,
    /// Which seats: 3, 3,4 or 3-5; may be repeated
    #[arg(long, value_name = "NUMBERS", allow_negative_numbers = true)]
    seat: Vec<Seats>,
    /// Seats with consecutive numbers: where there are such, or none else
    #[arg(long, value_enum, value_name = "HOW", conflicts_with_all = ["seat", "hold"])]
    adjacent: Option<Nearness>,
    /// Book seats that you hold, by the token of `event hold`: with --seats all of them, with --seat those
    #[arg(long, value_name = "TOKEN", value_parser = crate::args::hold)]
    hold: Option<Uuid>,
    /// Book for a member of the event's organization, by id, username or e-mail address: for those who run the event and
    /// for staff. The person is notified of it
    #[arg(long, value_name = "USER")]
    user: Option<String>,
}

/// How near to each other seats are to be.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Nearness {
    Preferred,
    Required,
}

impl From<Nearness> for Adjacent {
    fn from(nearness: Nearness) -> Self {
        match nearness {
            Nearness::Preferred => Self::Preferred,
            Nearness::Required => Self::Required,
        }
    }
}

impl Verb for Args {
    type Output = BookingDetail;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<BookingDetail>> {
        let caller = app.caller()?;
        let user_id = match &self.user {
            Some(user) => Some(caller.user(user).await?),
            None => None,
        };
        let named = Seats::join(&self.seat);
        let seats = match u32::try_from(named.len()) {
            Ok(0) => self.seats.unwrap_or(1),
            Ok(named) => named,
            Err(_) => u32::MAX,
        };
        let create = CreateBooking {
            seat_numbers: (!named.is_empty()).then_some(named),
            adjacent: self.adjacent.map_or(Adjacent::No, Adjacent::from),
            hold_token: self.hold,
            user_id,
            ..CreateBooking::any(self.event, seats)
        };
        let booking =
            app.change(caller.client.create_booking(&create)).await.context("nothing was booked")?;
        if booking.status == BookingStatus::Waiting {
            let id = booking.id;
            app.console.note(&format!(
                "Not enough free seats: the booking waits. `happening booking get {id}` tells its place."
            ));
        }
        Ok(Answer::item(BookingDetail { booking, position: None }))
    }
}
