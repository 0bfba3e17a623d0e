//! `happening audit`.

use crate::app::App;
use crate::caller::Caller;
use crate::frame::Verb;
use crate::output::Answer;
use happening_core::wire::{AuditQuery, AuditRecord};

const HELP: &str = "\
For operators and support; `happening org audit` shows one organization's to its orgAdmins.

Examples:
  happening audit --action member.role_changed
  happening audit --actor ada@example.org --limit 500 -o jsonl";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    filters: Filters,
}

/// Which entries.
#[derive(Debug, clap::Args)]
pub struct Filters {
    /// Only this action, such as `member.role_changed`
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only by this actor, by id, username or e-mail address
    #[arg(long, value_name = "USER")]
    actor: Option<String>,
    /// Only on what has this id
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true)]
    limit: u32,
}

/// What the daemon gives at once.
const PAGE: u32 = 5_000;

impl Filters {
    pub async fn query(&self, caller: &Caller) -> anyhow::Result<AuditQuery> {
        let actor = match &self.actor {
            Some(actor) => Some(caller.user(actor).await?),
            None => None,
        };
        Ok(AuditQuery {
            action: self.action.clone(),
            actor,
            target: self.target.clone(),
            before: None,
            limit: Some(self.limit.clamp(1, PAGE)),
        })
    }

    /// How many entries are wanted, over all pages.
    pub fn most(&self) -> usize {
        self.limit as usize
    }
}

impl Verb for Args {
    type Output = AuditRecord;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<AuditRecord>> {
        let caller = app.caller()?;
        let first = caller.client.audit(&self.filters.query(&caller).await?).await?;
        Ok(Answer::list(caller.all_of(first, self.filters.most()).await?, "Nothing of that kind was done."))
    }
}
