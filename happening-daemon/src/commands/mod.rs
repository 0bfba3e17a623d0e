//! The command line of the daemon.

mod config;
mod doctor;
mod reconcile;
mod serve;

use crate::app;
use crate::config::{Config, Flags};
use crate::lifecycle::Lifecycle;
use crate::logging;
use clap::{Args, Parser, Subcommand};
use rustix::fs::Mode;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

/// The Happening server. Without configuration every part is embedded: SQLite, in-process counters and queue, a built-in
/// issuer. Each is replaced by the real one as soon as its address is set: `DATABASE_URL`, `REDIS_URL`, `RABBITMQ_URL`,
/// `KEYCLOAK_SERVER_URL`.
#[derive(Debug, Parser)]
#[command(name = "happening-daemon", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the API and the worker (the default).
    Serve(ServeArgs),
    /// Run a worker alone.
    Worker(CommonArgs),
    /// Bring the database schema up to date and end.
    Migrate(CommonArgs),
    /// Compare bookings, seats, figures and counters, without a daemon. Exit 10 if something differs.
    Reconcile(reconcile::ReconcileArgs),
    /// Ask each configured part whether it answers, and say what mends it. Exit 1 if the daemon could not work.
    Doctor(CommonArgs),
    /// Print every setting with its origin, secrets masked.
    Config(config::ConfigArgs),
}

#[derive(Debug, Args)]
struct CommonArgs {
    /// Configuration file [default: happening.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where embedded parts keep their state [default: .happening].
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Format of log and ready line.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: logging::LogFormat,
    /// What to log, such as `info` or `happening_daemon=debug`.
    #[arg(long, value_name = "FILTER", env = "HAPPENING_LOG", default_value = "info")]
    log_level: String,
}

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with_all = ["host", "port"])]
    listen: Option<SocketAddr>,
    /// Address to listen on [default: 127.0.0.1].
    #[arg(long)]
    host: Option<IpAddr>,
    /// Port to listen on; 0 is any free one [default: 5000].
    #[arg(long)]
    port: Option<u16>,
    /// Do not deliver notifications here.
    #[arg(long)]
    no_worker: bool,
    /// Bring in the organization Demo with two events and its people, once.
    #[arg(long)]
    demo: bool,
    /// Write the address there once the daemon answers.
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
}

impl CommonArgs {
    fn config(&self, mut flags: Flags) -> anyhow::Result<Config> {
        flags.data_dir.clone_from(&self.data_dir);
        Config::load(self.config.as_ref(), &flags)
    }
}

/// Runs what the command line says.
pub fn run() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    // People's addresses, the issuer's key: what is made here is for its owner alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let lifecycle = Lifecycle::default();
        match cli.command.unwrap_or(Command::Serve(cli.serve)) {
            Command::Serve(args) => serve::run(args, &lifecycle).await?,
            Command::Worker(args) => {
                let config = args.config(Flags::default())?;
                logging::start(args.log_format, &args.log_level)?;
                end_at_signal(&lifecycle);
                app::work(&config, &lifecycle).await?;
            }
            Command::Migrate(args) => {
                let config = args.config(Flags::default())?;
                logging::start(args.log_format, &args.log_level)?;
                end_at_signal(&lifecycle);
                app::Foundation::open(&config, &lifecycle)?.migrate().await?;
            }
            Command::Reconcile(args) => {
                logging::start(args.common.log_format, &args.common.log_level)?;
                end_at_signal(&lifecycle);
                return reconcile::run(&args, &lifecycle).await;
            }
            Command::Doctor(args) => return doctor::run(&args).await,
            Command::Config(args) => config::run(&args)?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn end_at_signal(lifecycle: &Lifecycle) {
    let ending = lifecycle.clone();
    lifecycle.spawn_until_soft(async move {
        if Lifecycle::signalled().await.is_ok() {
            tracing::info!("ending: requests under way are finished");
            ending.begin_end();
        }
    });
}
