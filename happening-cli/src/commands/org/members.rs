//! `happening org members`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, visible};
use anyhow::Context as _;
use happening_core::wire::{Member, MembersQuery, Role};

const HELP: &str = "\
Examples:
  happening org members Demo
  happening org members Demo --role orgAdmin -o csv --fields username,email";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    /// Only with this role: user, organizer or orgAdmin
    #[arg(long, add = crate::completion::words(Role::ALL))]
    role: Option<Role>,
    /// Only whose username or e-mail address contains this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

impl Verb for Args {
    type Output = Member;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Member>> {
        let caller = app.caller()?;
        let id = caller.organization(&self.org).await?;
        let query = MembersQuery { role: self.role, q: self.search, limit: Some(PAGE), cursor: None };
        let first = caller.client.find_members(id, &query).await;
        let first = first.with_context(|| format!("organization {}", visible(&self.org)))?;
        Ok(Answer::list(caller.all_of(first, usize::MAX).await?, "No such members."))
    }
}

/// Large enough that most organizations are one page.
const PAGE: u32 = 1000;
