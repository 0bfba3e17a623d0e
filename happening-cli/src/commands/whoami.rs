//! `happening whoami`.

use crate::app::App;
use crate::output::Identity;
use happening_core::signin::Person;

pub async fn run(app: &App<'_>) -> anyhow::Result<()> {
    let caller = app.caller()?;
    let claims = caller.session.claims().await?;
    // Looks only: whom the daemon does not know, it does not know.
    let user = caller.client.user_by_subject(&claims.sub).await?;
    let person = Person { claims, user, first_sign_in: false };
    app.console.item(&Identity::new(app.server.as_str(), person, caller.session.origin()))?;
    Ok(())
}
