//! `happening org set-role`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, Membered};
use anyhow::Context as _;
use happening_core::wire::Role;

const HELP: &str = "\
`user` books, `organizer` publishes too, `orgAdmin` governs too. The last orgAdmin stays one. Who is not a member is \
invited, and has to accept; operators add people at once.

Example:
  happening org set-role Demo member@example.org organizer";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The organization, by id or name
    #[arg(add = crate::completion::organizations())]
    org: String,
    /// Who, by id, username or e-mail address
    user: String,
    /// user, organizer or orgAdmin
    #[arg(add = crate::completion::words(Role::ALL))]
    role: Role,
}

impl Verb for Args {
    type Output = Membered;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Membered>> {
        let caller = app.caller()?;
        let organization_id = caller.organization(&self.org).await?;
        let user_id = caller.user(&self.user).await?;
        let set = app.change(caller.client.set_member(organization_id, user_id, self.role)).await;
        let set = set.context("the role was not set")?;
        if let Some(invite) = &set.invite {
            app.console.note(&format!("invited; they accept with `happening invite accept {}`", invite.id));
        }
        let role = (!set.invited).then_some(self.role);
        Ok(Answer::item(Membered {
            organization_id,
            user_id,
            role,
            invite: set.invite.map(|invite| invite.id),
        }))
    }
}
