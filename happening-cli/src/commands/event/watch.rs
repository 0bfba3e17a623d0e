//! `happening event watch`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Moment, View};
use anyhow::Context as _;
use happening_core::client::Heard;
use happening_core::id::EventId;
use happening_core::wire::LiveMessage;
use tokio::time::{Instant, timeout_at};

const HELP: &str = "\
Prints a line for each change, until Ctrl-C, or until --timeout is over if it is given. Under json and jsonl it is the
message of the stream.

Examples:
  happening event watch EVENT
  happening event watch EVENT --jq 'select(.type == \"promotion\") | .seats'";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events())]
    event: EventId,
}

impl Verb for Args {
    type Output = Moment;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Moment>> {
        let view = View::of::<Moment>(app.console)?;
        let mut stream = app.caller()?.client.watch_event(self.event);
        let end = app.time_limit().map(|limit| Instant::now() + limit);
        loop {
            let next = stream.next();
            let heard = match end {
                Some(end) => match timeout_at(end, next).await {
                    Ok(heard) => heard,
                    Err(_) => return Ok(Answer::nothing()),
                },
                None => next.await,
            };
            match heard.with_context(|| format!("event {}", self.event))? {
                Heard::Message(LiveMessage::Deleted { .. }) => {
                    return Err(CliError::NotFound("the event was deleted".to_owned()).into());
                }
                Heard::Message(LiveMessage::Closing { .. }) => {}
                Heard::Message(message) => view.show_line(&Moment { at: app.clock.now(), message })?,
                Heard::Interrupted(error) => {
                    app.console
                        .warn(&format!("{}: connecting again", crate::output::visible(&error.to_string())));
                }
            }
        }
    }
}
