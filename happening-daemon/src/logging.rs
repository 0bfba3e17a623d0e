//! The log: on stderr, as text for people or a JSON object a line for machines.
//!
//! An event is one line, whatever is in its fields: `line.rs` makes visible what would end the line, move a cursor or turn
//! the text around, in both formats. Everything that a request does is within its span (`http/layers.rs`), so each of its
//! lines carries the request's id. A panic is an event like any other.
//!
//! To log what users wrote: as a field, never in the message.

mod line;

use clap::ValueEnum;
use line::{JsonLines, text_fields};
use std::io::IsTerminal as _;
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
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
pub fn start(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let log = subscriber(format, filter, std::io::stderr().is_terminal(), std::io::stderr)?;
    log.try_init()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, reason = panic.payload_as_str(), "panicked");
    }));
    Ok(())
}

/// What writes events to `writer`, with colours or without.
pub fn subscriber<W>(
    format: LogFormat,
    filter: &str,
    colours: bool,
    writer: W,
) -> anyhow::Result<Box<dyn Subscriber + Send + Sync>>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = SILENCED
        .iter()
        .try_fold(parse(filter)?, |filter, silenced| anyhow::Ok(filter.add_directive(silenced.parse()?)))?;
    // A line that cannot be written is lost. To say so on the same stderr would end whoever logged it with a panic.
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).log_internal_errors(false);
    Ok(match format {
        LogFormat::Json => Box::new(log.json().with_span_list(false).map_event_format(JsonLines).finish()),
        LogFormat::Text => {
            Box::new(log.with_ansi(colours).with_target(false).fmt_fields(text_fields()).finish())
        }
    })
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
