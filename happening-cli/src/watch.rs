//! What happens at an event, a line for each message as it comes.

use crate::app::App;
use crate::exit::CliError;
use crate::output::{Answer, Moment, View, visible};
use anyhow::Context as _;
use happening_core::client::Heard;
use happening_core::id::EventId;
use happening_core::wire::LiveMessage;
use tokio::time::{Instant, timeout_at};

/// Prints the messages that are `wanted`, until `--timeout` is over if it is given.
pub async fn watch(
    app: &App<'_>,
    event: EventId,
    mut wanted: impl FnMut(&LiveMessage) -> bool,
) -> anyhow::Result<Answer<Moment>> {
    let view = View::of::<Moment>(app.console)?;
    let mut stream = app.caller()?.client.watch_event(event);
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
        match heard.with_context(|| format!("event {event}"))? {
            Heard::Message(LiveMessage::Deleted { .. }) => {
                return Err(CliError::NotFound("the event was deleted".to_owned()).into());
            }
            Heard::Message(LiveMessage::Closing { .. }) => {}
            Heard::Message(message) if wanted(&message) => {
                view.show_line(&Moment { at: app.clock.now(), message }).await?;
            }
            Heard::Message(_) => {}
            Heard::Interrupted(error) => {
                app.console.warn(&format!("{}: connecting again", visible(&error.to_string())));
            }
        }
    }
}
