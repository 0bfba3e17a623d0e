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

/// What is not for this log. What the AMQP client says of a message that no queue took: the whole message, which is
/// somebody's; that it was not taken is said by the relay. And that PostgreSQL has the tables of migrations already.
const SILENCED: [&str; 2] = ["lapin::returned_messages=off", "sqlx::postgres::notice=warn"];

/// Levels, which may stand alone; a target needs one.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Starts the log.
pub(super) fn start(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let filter = SILENCED
        .iter()
        .try_fold(parse(filter)?, |filter, silenced| anyhow::Ok(filter.add_directive(silenced.parse()?)))?;
    // A line that cannot be written is lost. To say so on the same stderr would end whoever logged it with a panic.
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    match format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
    }
    Ok(())
}

/// A word that is no level would be taken for a target, and everything else be silent.
fn parse(filter: &str) -> anyhow::Result<EnvFilter> {
    let is_known = |word: &str| LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
    let words: Vec<&str> = filter.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    if let Some(word) = words.iter().find(|word| !word.contains('=') && !is_known(word)) {
        anyhow::bail!("--log-level: `{word}` is no level ({}), nor TARGET=LEVEL", LEVELS.join(", "));
    }
    EnvFilter::try_new(words.join(",")).map_err(|error| anyhow::anyhow!("--log-level: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_targets_are_told_from_slips() {
        for filter in ["info", "WARN", "", "info,happening_daemon=debug", "off, sqlx=trace"] {
            assert!(parse(filter).is_ok(), "{filter}");
        }
        for filter in ["inf", "info,happening_daemon", "info,sqlx=loud"] {
            assert!(parse(filter).is_err(), "{filter}");
        }
    }
}
