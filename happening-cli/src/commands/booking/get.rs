//! `happening booking get`.

use crate::app::App;
use crate::output::BookingDetail;
use anyhow::Context as _;
use happening_core::id::BookingId;
use happening_core::wire::BookingStatus;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The booking's id
    booking: BookingId,
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    let client = app.caller()?.client;
    let booking = client.booking(args.booking).await.with_context(|| format!("booking {}", args.booking))?;
    let position = match booking.status {
        BookingStatus::Waiting => client.waiting_position(args.booking).await?.position,
        BookingStatus::Confirmed | BookingStatus::Cancelled => None,
    };
    app.console.item(&BookingDetail { booking, position })?;
    Ok(())
}
