//! The log: on stderr, as text for people or a JSON object a line for machines. User text in it has its control
//! characters escaped by the subscriber.

use clap::ValueEnum;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What the AMQP client says of a message that no queue took: the whole message, which is somebody's. That it was not taken
/// is said by the relay.
const SILENCED: &str = "lapin::returned_messages=off";

/// Starts the log.
pub(super) fn start(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)?.add_directive(SILENCED.parse()?);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
    }
    Ok(())
}
