//! `happening config list`.

use crate::app::App;
use crate::frame::Verb;
use crate::output::{Answer, InForce};
use happening_core::signin::{self, ServerOrigin, Storage};

#[derive(Debug, clap::Args)]
pub struct Args {}

impl Verb for Args {
    type Output = InForce;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<InForce>> {
        Ok(Answer::list(in_force(app)?, "No settings."))
    }
}

fn in_force(app: &App<'_>) -> anyhow::Result<Vec<InForce>> {
    let environment = &app.config.environment;
    let from =
        |is_set: bool, name: &str, default: &str| if is_set { name.to_owned() } else { default.to_owned() };
    let server = app.server.url.as_str().trim_end_matches('/').to_owned();
    let said_by = match &app.server.origin {
        ServerOrigin::Flag => "--server".to_owned(),
        ServerOrigin::Environment => "HAPPENING_SERVER".to_owned(),
        ServerOrigin::Context(name) => format!("context {name}"),
        ServerOrigin::Default => "default".to_owned(),
    };
    let storage = match app.config.storage() {
        Storage::Keyring => "keyring",
        Storage::File => "file",
    };
    let token = signin::session(&app.server.url, &app.config, &app.clock)?.origin().to_string();
    let directory = app.config.directory().display().to_string();
    let has_own_directory = environment.config_dir.is_some();
    let has_zone = std::env::var_os("TZ").is_some();
    Ok(vec![
        InForce::new("server", server, said_by),
        InForce::new("token", token, "environment, else store".to_owned()),
        InForce::new(
            "storage",
            storage.to_owned(),
            from(app.config.settings.storage.is_some(), "config.json", "default"),
        ),
        InForce::new("directory", directory, from(has_own_directory, "HAPPENING_CONFIG_DIR", "default")),
        InForce::new("timezone", app.console.zone().name().to_owned(), from(has_zone, "TZ", "this machine")),
    ])
}
