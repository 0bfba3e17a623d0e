//! `happening notification preview`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{self, Answer, Document};
use happening_core::wire::{NotificationType, PreviewQuery};

const HELP: &str = "\
The message is about an example. With --org it has the name, time zone, language, color and templates of that organization.

Examples:
  happening notification preview --type booking_confirmed --lang de
  happening notification preview --type event_updated --org Demo --html > mail.html";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Of which notification
    #[arg(long = "type", value_name = "TYPE", add = crate::completion::words(NotificationType::ALL))]
    kind: NotificationType,
    /// For somebody who prefers this language, such as de
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<String>,
    /// Of this organization, by id or name
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
    /// Print the page of HTML
    #[arg(long)]
    html: bool,
}

impl Verb for Args {
    type Output = Document;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Document>> {
        let caller = app.caller()?;
        let org_id = match &self.org {
            Some(org) => Some(caller.organization(org).await?),
            None => None,
        };
        let query = PreviewQuery { kind: self.kind, language: self.lang, org_id };
        let preview = caller.client.preview_message(&query).await?;
        if !app.console.is_for_people() {
            return Ok(Answer::item(Document::of(&preview)?));
        }
        if self.html {
            output::print(&preview.html)?;
            return Ok(Answer::nothing());
        }
        let text = format!("Subject: {}\n\n{}", preview.subject, preview.text);
        Ok(Answer::item(Document::Text(text)))
    }
}
