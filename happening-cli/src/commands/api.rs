//! `happening api`.

use crate::app::App;
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Document, visible};
use crate::prompt;
use anyhow::Context as _;
use serde_json::Value;

const HELP: &str = "\
The answer is printed as JSON, or as -o, --fields and --jq say. With -o table a list of objects is a table of those of their \
members that are no lists or objects.

Examples:
  happening api GET /events --jq '.[].name'
  happening api PUT /events/ID -d '{\"name\": \"Second Night\"}'
  happening api POST /events -d @event.json";

/// What can be asked for.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// GET, POST, PUT, DELETE
    #[arg(value_parser = method, add = crate::completion::words(METHODS))]
    method: String,
    /// Such as /events
    path: String,
    /// The body, as JSON; @FILE reads a file, @- stdin
    #[arg(short, long, value_name = "JSON")]
    data: Option<String>,
    /// A header to send, such as 'If-Match: \"…\"'; may be given several times
    #[arg(short = 'H', long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
}

impl Verb for Args {
    type Output = Document;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Document>> {
        let body = match &self.data {
            Some(data) => Some(body(data, app).await?),
            None => None,
        };
        let client = app.caller()?.client;
        let request = client.raw(&self.method, &self.path, &self.header, body.as_ref());
        let answer = if self.method == "GET" { request.await } else { app.change(request).await };
        let text = answer.with_context(|| format!("{} {}", self.method, self.path))?;
        Ok(match Document::parse(&text) {
            Ok(Document::List(rows)) => Answer::list(rows, "An empty list."),
            Ok(document) => Answer::item(document),
            Err(_) if text.is_empty() => Answer::nothing(),
            // Some routes answer with text.
            Err(_) => Answer::item(Document::Text(text)),
        })
    }
}

async fn body(data: &str, app: &App<'_>) -> anyhow::Result<Value> {
    let text = match data.strip_prefix('@') {
        None => data.to_owned(),
        Some("-") => prompt::everything(app.console).await.context("the body cannot be read")?,
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| CliError::Usage(format!("the body cannot be read: {file}: {error}")))?,
    };
    // As some editors save it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let wrong = |why: String| CliError::Usage(format!("the body {why}"));
    let written = Document::parse(text).map_err(|error| wrong(format!("is no JSON: {error}")))?;
    if let Some(name) = written.repeated() {
        return Err(wrong(format!("has the member `{}` twice in one object", visible(name))).into());
    }
    Ok(serde_json::from_str(text).map_err(|error| wrong(format!("is no JSON: {error}")))?)
}

fn method(text: &str) -> Result<String, String> {
    let method = text.to_ascii_uppercase();
    let known = METHODS.contains(&method.as_str());
    if known { Ok(method) } else { Err("it is GET, POST, PUT, PATCH or DELETE".to_owned()) }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("it is a name, a colon and a value")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
