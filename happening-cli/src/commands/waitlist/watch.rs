//! `happening waitlist watch`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Moment};
use crate::watch::watch;
use happening_core::id::EventId;
use happening_core::wire::{EventFigures, LiveMessage};

const HELP: &str = "\
Prints a line for each promotion and whenever the line's length changes, until Ctrl-C, or until --timeout is over if it \
is given. Under json and jsonl it is the message of the stream.

Example:
  happening waitlist watch EVENT";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The event's id
    #[arg(add = crate::completion::events(), value_parser = crate::args::event)]
    event: EventId,
}

impl Verb for Args {
    type Output = Moment;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Moment>> {
        let mut length = None;
        watch(app, self.event, |message| moves(message, &mut length)).await
    }
}

/// Whether a message tells of the line, whose length was last told to be `length`.
fn moves(message: &LiveMessage, length: &mut Option<u32>) -> bool {
    match message {
        LiveMessage::Snapshot { waiting, .. } => {
            *length = Some(*waiting);
            true
        }
        LiveMessage::Figures(EventFigures { waiting, .. }) => length.replace(*waiting) != Some(*waiting),
        LiveMessage::Promotion { .. } | LiveMessage::Changed { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use happening_core::wire::EventStatus;

    #[test]
    fn only_what_moves_the_line_is_told() {
        let event_id = EventId(uuid::Uuid::nil());
        let figures = |waiting| {
            LiveMessage::Figures(EventFigures { event_id, version: 1, total: None, available: 0, waiting })
        };
        let mut length = None;
        let mut told = |message: &LiveMessage| moves(message, &mut length);
        assert!(told(&figures(2)));
        assert!(!told(&figures(2)), "as long as before");
        assert!(told(&figures(1)));
        assert!(!told(&LiveMessage::Holds { event_id, held: vec![3] }));
        assert!(told(&LiveMessage::Promotion {
            event_id,
            version: 2,
            seats: vec![1],
            waiting_number: 1,
            rest: 0
        }));
        let (status, total) = (EventStatus::Cancelled, 4);
        assert!(told(&LiveMessage::Changed { event_id, version: 3, status, total, sales_paused: false }));
    }
}
