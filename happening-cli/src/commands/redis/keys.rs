//! `happening redis keys`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::{CounterKey, KeysQuery};
use std::collections::BTreeMap;

const HELP: &str = "\
The keys are gone through piece by piece, which holds nobody up; one that comes and goes meanwhile may be missed.

Example:
  happening redis keys --match 'event:*:slots' -o name";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Only keys like this, as Redis knows patterns: `*`, `?`, `[ab]` [default: `event:*`]
    #[arg(long = "match", value_name = "GLOB")]
    pattern: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true)]
    limit: u32,
}

impl Verb for Args {
    type Output = CounterKey;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<CounterKey>> {
        let client = app.caller()?.client;
        let limit = self.limit as usize;
        let mut query = KeysQuery { pattern: self.pattern, cursor: None };
        // A key may come twice.
        let mut found = BTreeMap::new();
        loop {
            let page = client.counter_keys(&query).await?;
            found.extend(page.keys.into_iter().map(|key| (key.key.clone(), key)));
            query.cursor = page.cursor;
            if query.cursor.is_none() || found.len() > limit {
                break;
            }
        }
        if found.len() > limit || query.cursor.is_some() {
            app.console.warn(&format!("only {limit} keys are shown: --limit shows more"));
        }
        Ok(Answer::list(found.into_values().take(limit).collect(), "No such keys."))
    }
}
