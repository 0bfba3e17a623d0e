//! One file a command: its options, and a few lines that call the daemon and hand over what to print.
//!
//! To add one: a file in the folder of its noun, a variant in the noun's `Command`, and an arm in its `run`.

pub mod booking;
pub mod event;
pub mod login;
mod logout;
mod status;
pub mod waitlist;
mod whoami;

use crate::app::App;
use crate::cli::Command;

/// Runs a command.
pub async fn run(command: Command, app: &App<'_>) -> anyhow::Result<()> {
    match command {
        Command::Login(args) => login::run(args, app).await,
        Command::Logout => logout::run(app).await,
        Command::Whoami => whoami::run(app).await,
        Command::Status => status::run(app).await,
        Command::Event(command) => event::run(command, app).await,
        Command::Booking(command) => booking::run(command, app).await,
        Command::Waitlist(command) => waitlist::run(command, app).await,
    }
}
