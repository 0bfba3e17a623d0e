//! One event, one line: what is in a field neither ends the line nor acts on a terminal.

use happening_core::text::{acts, visible};
use std::fmt::{self, Debug};
use tracing::field::Field;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{Format, FormatEvent, FormatFields, Json, Writer, debug_fn};
use tracing_subscriber::registry::LookupSpan;

/// Fields of events and spans as text: `name=value`, the message without its name. The only place where a value enters a
/// line of text.
pub(super) fn text_fields() -> impl for<'w> FormatFields<'w> + Send + Sync + 'static {
    debug_fn(|writer: &mut Writer<'_>, field: &Field, value: &dyn Debug| {
        let value = format!("{value:?}");
        match field.name() {
            "message" => writer.write_str(&visible(&value)),
            // Where a record of the `log` crate comes from, which is shown already.
            name if name.starts_with("log.") => Ok(()),
            name => write!(writer, "{name}={}", visible(&value)),
        }
    })
    .delimited(" ")
}

/// JSON objects whose texts are escaped further than JSON asks for: characters that act on a terminal or turn the line
/// around are written as `\u` and four digits. What a parser reads is the same.
pub(super) struct JsonLines(pub Format<Json>);

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let mut units = [0; 2];
        for c in line.trim_end_matches('\n').chars() {
            // RFC 8259, section 7: beyond the basic plane as a pair of surrogates.
            if c == '\u{7f}' || acts(c) {
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                writer.write_char(c)?;
            }
        }
        writer.write_char('\n')
    }
}
