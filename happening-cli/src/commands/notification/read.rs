//! `happening notification read`.

use crate::app::App;
use crate::frame::Verb;
use crate::many;
use crate::output::{Answer, Attempted};
use happening_core::id::NotificationId;
use happening_core::wire::ReadNotifications;

const HELP: &str = "\
Exit 9 if some could not be marked.

Examples:
  happening notification list --unread
  happening notification read --all";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The notification's id
    #[arg(required_unless_present = "all", value_name = "ID", value_parser = crate::args::notification)]
    ids: Vec<NotificationId>,
    /// All that are unread now
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

impl Verb for Args {
    type Output = Attempted;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Attempted>> {
        let caller = app.caller()?;
        if !self.all {
            let read = async |id| caller.client.read_notification(id).await;
            return Ok(many::each(app, &self.ids, "marked as read", read).await?.answer("Nothing to mark."));
        }
        let me = caller.user_or_me(None).await?;
        let mut marked = 0;
        loop {
            let all = ReadNotifications::default();
            let step = app.change(caller.client.read_notifications(me, &all)).await?;
            marked += step.read;
            if !step.more {
                break;
            }
        }
        app.console.note(&format!("{marked} marked as read."));
        Ok(Answer::nothing())
    }
}
