//! How much of a list is read.

use crate::caller::Caller;
use crate::output::{Answer, Record};
use happening_core::client::{ClientError, Page};
use serde::de::DeserializeOwned;

/// What the daemon is asked for at once.
const PAGE: u32 = 1_000;

/// The options of commands that list what there may be a lot of.
#[derive(Debug, clap::Args)]
pub struct ListLimit {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true)]
    limit: u32,
    /// All that there are
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl ListLimit {
    /// How many to ask for at once: one more than wanted, so that it is known whether there are more.
    pub fn page(&self) -> u32 {
        if self.all { PAGE } else { self.limit.saturating_add(1).min(PAGE) }
    }

    /// What is on this page and on those after it, as far as it is wanted, or that there is `none`. That there is more is
    /// told.
    pub async fn answer<T: DeserializeOwned, R: Record + From<T>>(
        &self,
        caller: &Caller,
        first: Page<T>,
        none: &'static str,
    ) -> Result<Answer<R>, ClientError> {
        let most = if self.all { usize::MAX } else { self.limit as usize };
        let mut items = caller.all_of(first, most.saturating_add(1)).await?;
        let there_is_more = items.len() > most;
        items.truncate(most);
        let told = there_is_more
            .then(|| format!("These are the first {most}: --limit N shows more, --all everything."));
        Ok(Answer::list(items.into_iter().map(R::from).collect(), none).noting(told))
    }
}
