//! `happening invite send`.

use crate::app::App;
use crate::caller::Caller;
use crate::frame::Verb;
use crate::output::Answer;
use anyhow::Context as _;
use happening_core::client::ClientError;
use happening_core::id::OrganizationId;
use happening_core::wire::{CreateInvite, ErrorCode, Invite, InviteStatus, PageQuery, Role};

/// Invites that are read at a time.
const PAGE: u32 = 1_000;

const HELP: &str = "\
The token is told this once.

Example:
  happening invite send ada@example.org --org Demo --role organizer";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The e-mail address
    #[arg(value_parser = crate::args::address)]
    email: String,
    /// The organization, by id or name; the one that you govern if left out
    #[arg(long, value_name = "ID|NAME", add = crate::completion::organizations())]
    org: Option<String>,
    /// What they will be: user, organizer or orgAdmin
    #[arg(long, default_value = "user", add = crate::completion::words(Role::ALL))]
    role: Role,
    /// A few words
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// If they are invited already, answer with that invite; if they are a member already, with nothing
    #[arg(long)]
    if_not_exists: bool,
}

impl Verb for Args {
    type Output = Invite;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Invite>> {
        let caller = app.caller()?;
        let organization_id = match &self.org {
            Some(org) => Some(caller.organization(org).await?),
            // It is looked through below.
            None if self.if_not_exists => Some(caller.governed_organization().await?),
            None => None,
        };
        let create = CreateInvite {
            email: self.email.clone(),
            role: self.role,
            invited_by: None,
            message: self.message,
            organization_id,
        };
        let sent = app.change(caller.client.send_invite(&create)).await;
        if let Some(organization) = organization_id.filter(|_| self.if_not_exists) {
            match sent.as_ref().err().and_then(ClientError::code) {
                Some(ErrorCode::AlreadyMember) => {
                    app.console.note("They are a member already: nothing was changed.");
                    return Ok(Answer::nothing());
                }
                Some(ErrorCode::InvitePending) => {
                    if let Some(invite) = pending(&caller, organization, &self.email).await? {
                        app.console.note("They are invited already: nothing was changed.");
                        return Ok(Answer::item(invite));
                    }
                }
                _ => {}
            }
        }
        Ok(Answer::item(sent.context("nobody was invited")?.invite))
    }
}

/// The invite to this address that waits for an answer.
async fn pending(
    caller: &Caller,
    organization: OrganizationId,
    email: &str,
) -> Result<Option<Invite>, ClientError> {
    let query = PageQuery { limit: Some(PAGE), cursor: None };
    let first = caller.client.find_invites(organization, &query).await?;
    let invites = caller.all_of(first, usize::MAX).await?;
    let is_meant = |invite: &Invite| {
        invite.status == InviteStatus::Pending && invite.email.eq_ignore_ascii_case(email.trim())
    };
    Ok(invites.into_iter().find(is_meant))
}
