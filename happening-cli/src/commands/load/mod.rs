//! `happening load`: a crowd at an event that nobody needs, and then the books.

mod audit;
mod books;
mod crowd;

use crate::app::App;
use crate::args;
use crate::caller::Caller;
use crate::cleanup::Made;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Check, Latency, LoadReport, bars};
use crate::trial::{Purpose, Stage, must_be_real};
use anyhow::Context as _;
use books::Books;
use crowd::{Limits, Tally};
use happening_core::client::ClientError;
use happening_core::id::{EventId, UserId};
use happening_core::wire::{BookingsQuery, Event};
use std::time::Duration;

const HELP: &str = "\
Publishes an event in an organization of its own, lets buyers book there at once, each as soon as it has the answer to its \
last request, and then looks whether everything is as it must be: no seat twice, counts that agree, the line in order, every \
answer kept, everybody told. What was made is removed again, whatever happens.

All buyers are you: a person may book as often as they like, and so many of their bookings wait as the daemon's settings \
permit. Each request is sent once, so that every error is counted. A service account founds no organization: name one with \
--org.

With --event the crowd comes to an event of yours, which nobody may have booked (exit 6); its bookings are cancelled \
afterwards. Exit 1 if anything is not as it must be.

Examples:
  happening load --buyers 64 --seats 2000 --duration 10s
  happening load --bookings 500 --cancel-ratio 0.2 -o json --jq .requests_per_second";

/// An organization that is older than this trial may be is removed by the next.
const LONGEST: Duration = Duration::from_mins(30);

/// Seats of an event of its own.
const SEATS: u32 = 500;

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// How many book at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1024), allow_negative_numbers = true)]
    buyers: u32,
    /// Seats of the event [default: 500]
    #[arg(long, value_name = "N", conflicts_with = "event", allow_negative_numbers = true)]
    seats: Option<u32>,
    /// Seats that each booking asks for
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000), allow_negative_numbers = true)]
    party: u32,
    /// Stop after so many bookings [default: a fifth more than there are seats for, unless --duration is given]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), allow_negative_numbers = true)]
    bookings: Option<u64>,
    /// Stop after this time, such as 10s; at most 30m
    #[arg(long, value_name = "DURATION", value_parser = args::duration, allow_negative_numbers = true)]
    duration: Option<Duration>,
    /// Cancel this part of the bookings again, from 0 to 1
    #[arg(long, value_name = "RATIO", default_value_t = 0.0, value_parser = ratio, allow_negative_numbers = true)]
    cancel_ratio: f64,
    /// An event of yours that nobody has booked, rather than one of its own
    #[arg(long, value_name = "ID", conflicts_with = "org", add = crate::completion::events(), value_parser = crate::args::event)]
    event: Option<EventId>,
    /// An organization to publish the event in, by id or name, rather than one of its own
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
}

fn ratio(text: &str) -> Result<f64, String> {
    let ratio: Option<f64> = text.parse().ok();
    ratio
        .filter(|ratio| (0.0..=1.0).contains(ratio))
        .ok_or_else(|| format!("`{text}` is not between 0 and 1"))
}

impl Verb for Args {
    type Output = LoadReport;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<LoadReport>> {
        must_be_real(app)?;
        if self.duration.is_some_and(|duration| duration > LONGEST) {
            let why = format!("--duration is at most {} minutes", LONGEST.as_secs() / 60);
            return Err(CliError::Usage(why).into());
        }
        let (caller, me, event) = self.stage(app).await?;
        let limits = self.limits(&event);
        // Requests are sent once, and nobody looks on: it is the daemon that is measured.
        let buyers = caller.session.client(app.patience());
        let (tally, took) = crowd::come(app, &buyers, &limits).await;
        let books = Books::read(&caller.client, event.id, me, &tally).await;
        let checks = books.map(|books| audit::all(&books, &tally, &limits));
        let removed = app.cleanup.remove().await;
        Ok(judged(self.report(&event, &tally, took), checks, removed))
    }
}

/// The figures stand, whatever came of the rest.
fn judged(
    mut report: LoadReport,
    checks: Result<Vec<Check>, ClientError>,
    removed: Result<(), ClientError>,
) -> Answer<LoadReport> {
    match checks {
        Ok(checks) => report.checks = checks,
        Err(error) => {
            let error = anyhow::Error::from(error).context("the books could not be looked at");
            return Answer::item(report).but(error);
        }
    }
    let (failed, of) = (report.checks.iter().filter(|check| check.has_failed()).count(), report.checks.len());
    let answer = Answer::item(report);
    match removed {
        _ if failed > 0 => answer.but(CliError::ChecksFailed { failed, of }),
        Ok(()) => answer,
        Err(error) => answer.but(anyhow::Error::from(error).context("what was made for this is still there")),
    }
}

impl Args {
    /// Where the crowd comes to, and who.
    async fn stage(&self, app: &App<'_>) -> anyhow::Result<(Caller, UserId, Event)> {
        if let Some(event) = self.event {
            return self.visit(app, event).await;
        }
        let seats = self.seats.unwrap_or(SEATS);
        self.must_fit(seats)?;
        let stage = Stage::put_up(app, Purpose::Load, self.org.as_deref()).await?;
        let event = stage.publish(app, "Crowded Night", seats).await?;
        Ok((stage.caller, stage.me.id, event))
    }

    fn must_fit(&self, seats: u32) -> Result<(), CliError> {
        if self.party <= seats {
            return Ok(());
        }
        Err(CliError::Usage(format!("a party of {} never finds seats among {seats}", self.party)))
    }

    /// Goes to an event that stays, if nobody has booked it.
    async fn visit(&self, app: &App<'_>, id: EventId) -> anyhow::Result<(Caller, UserId, Event)> {
        let caller = app.caller()?;
        let me = caller.me().await?.id;
        let event = caller.client.event(id).await.with_context(|| format!("event {id}"))?;
        self.must_fit(event.total_slots)?;
        let query = BookingsQuery { limit: Some(1), ..BookingsQuery::default() };
        let booked = caller.client.bookings_at(id, &query).await;
        if !booked.context("only who runs the event may let a crowd in")?.is_empty() {
            let why = "the event has bookings: a crowd would take seats from people, and they would be told";
            return Err(CliError::Conflict(why.to_owned()).into());
        }
        app.cleanup.add(&caller.client, Made::Bookings(id, me));
        Ok((caller, me, event))
    }

    fn limits(&self, event: &Event) -> Limits {
        let parties = u64::from(event.total_slots / self.party).max(1);
        let usual = self.duration.is_none().then(|| parties + parties.div_ceil(5));
        Limits {
            event: event.id,
            buyers: self.buyers,
            party: self.party,
            bookings: self.bookings.or(usual),
            duration: self.duration.unwrap_or(LONGEST),
            cancel_ratio: self.cancel_ratio,
        }
    }

    fn report(&self, event: &Event, tally: &Tally, took: Duration) -> LoadReport {
        let at = |quantile| milliseconds(tally.latency.value_at_quantile(quantile));
        LoadReport {
            event_id: event.id,
            seats: event.total_slots,
            buyers: self.buyers,
            party: self.party,
            took_ms: took.as_secs_f64() * 1e3,
            requests: tally.latency.len(),
            requests_per_second: per_second(tally.latency.len(), took),
            confirmed: tally.confirmed,
            waiting: tally.waiting,
            cancelled: tally.cancelled,
            unknown: tally.unknown,
            errors: tally.errors.clone(),
            latency: Latency {
                p50: at(0.5),
                p90: at(0.9),
                p99: at(0.99),
                max: milliseconds(tally.latency.max()),
            },
            histogram: bars(
                tally.latency.iter_recorded().map(|at| (at.value_iterated_to(), at.count_at_value())),
            ),
            checks: Vec::new(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and microseconds are far below 2^52")]
fn per_second(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(1e-6)
}

#[expect(clippy::cast_precision_loss, reason = "counts and microseconds are far below 2^52")]
fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e3
}
