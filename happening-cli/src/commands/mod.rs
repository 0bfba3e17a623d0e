//! One file a command: its options, and a few lines that call the daemon and hand over what to print.
//!
//! To add one: a file in the folder of its noun with `Args` and their [`crate::frame::Verb`], and its two lines in the
//! noun's `mod.rs`.

pub mod api;
pub mod apply;
pub mod audit;
pub mod booking;
pub mod completion;
pub mod config;
pub mod context;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod event;
pub mod export;
pub mod help;
pub mod invite;
pub mod load;
pub mod login;
pub mod logout;
pub mod man;
pub mod notification;
pub mod org;
pub mod queue;
pub mod reconcile;
pub mod redis;
pub mod smoke;
pub mod status;
pub mod user;
pub mod waitlist;
pub mod whoami;

use crate::app::App;
use crate::cli::Command;
use crate::frame;

/// Runs a command that needs neither configuration nor daemon: these must work when nothing else does. Any other is given
/// back.
pub fn run_alone(command: Command) -> anyhow::Result<Option<Command>> {
    match command {
        Command::Completion(args) => completion::run(&args)?,
        Command::Man(args) => man::run(&args)?,
        Command::Help(args) => help::run(&args)?,
        other => return Ok(Some(other)),
    }
    Ok(None)
}

/// Runs a command.
pub async fn run(command: Command, app: &App<'_>) -> anyhow::Result<()> {
    match command {
        Command::Login(args) => frame::run(args, app).await,
        Command::Logout(args) => frame::run(args, app).await,
        Command::Whoami(args) => frame::run(args, app).await,
        Command::Status(args) => frame::run(args, app).await,
        Command::Doctor(args) => frame::run(args, app).await,
        Command::Apply(args) => frame::run(args, app).await,
        Command::Diff(args) => frame::run(args, app).await,
        Command::Export(args) => frame::run(args, app).await,
        Command::Audit(args) => frame::run(args, app).await,
        Command::Demo(args) => frame::run(args, app).await,
        Command::Smoke(args) => frame::run(args, app).await,
        Command::Load(args) => frame::run(args, app).await,
        Command::Api(args) => frame::run(args, app).await,
        Command::Event(command) => event::run(command, app).await,
        Command::Booking(command) => booking::run(command, app).await,
        Command::Waitlist(command) => waitlist::run(command, app).await,
        Command::Org(command) => org::run(command, app).await,
        Command::Invite(command) => invite::run(command, app).await,
        Command::User(command) => user::run(command, app).await,
        Command::Notification(command) => notification::run(command, app).await,
        Command::Redis(command) => redis::run(command, app).await,
        Command::Queue(command) => queue::run(command, app).await,
        Command::Reconcile(args) => reconcile::run(args, app).await,
        Command::Context(command) => context::run(command, app).await,
        Command::Config(command) => config::run(command, app).await,
        Command::Completion(_) | Command::Man(_) | Command::Help(_) => Ok(()),
    }
}
