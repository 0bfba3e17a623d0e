//! What goes over the wire, for people who want to see it: `-v`, `-vv` and `--curl`, on stderr.

use crate::output::{escaped, visible};
use happening_core::client::{Incoming, Observer, Outgoing};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Shows each request and answer.
pub struct Trace {
    /// 1: a line each. 2: headers and bodies too.
    verbosity: u8,
    /// As commands for curl.
    curl: bool,
    /// That a busy daemon will be asked again: a person should know why nothing happens.
    pauses: bool,
    /// The id of the request that was answered last.
    last: Mutex<Option<String>>,
}

impl Trace {
    pub fn new(verbosity: u8, curl: bool, pauses: bool) -> Self {
        Self { verbosity, curl, pauses: pauses || verbosity > 0, last: Mutex::default() }
    }

    /// Under which the daemon's log has the last request.
    pub fn last_request_id(&self) -> Option<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Observer for Trace {
    fn sending(&self, request: &Outgoing<'_>) {
        if self.curl {
            tell(&curl(request));
        }
        if self.verbosity == 0 {
            return;
        }
        tell(&format!("> {} {}", request.method, visible(request.url)));
        if self.verbosity > 1 {
            headers('>', &request.headers);
            if let Some(body) = request.body {
                tell(&format!("> {}", visible(&String::from_utf8_lossy(body))));
            }
        }
    }

    fn answered(&self, answer: &Incoming<'_>) {
        let id = answer.headers.iter().find(|(name, _)| *name == "x-request-id");
        let id = id.map(|(_, id)| visible(id));
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&id);
        if self.verbosity == 0 {
            return;
        }
        let id = id.map_or_else(String::new, |id| format!(", request id {id}"));
        tell(&format!("< {} in {} ms{id}", answer.status, answer.took.as_millis()));
        if self.verbosity > 1 {
            headers('<', &answer.headers);
        }
    }

    fn pausing(&self, why: &str, pause: Duration) {
        if self.pauses {
            tell(&format!("{}: asking again in {:.1} s", visible(why), pause.as_secs_f32()));
        }
    }
}

/// As a person would type it. The token is not in it: it is a secret, and would soon be stale.
fn curl(request: &Outgoing<'_>) -> String {
    let mut command = format!("curl -X {} {}", request.method, quoted(request.url));
    for (name, value) in &request.headers {
        // Writing to a string cannot fail.
        let _ = match *name {
            "authorization" => write!(command, " -H \"Authorization: Bearer $HAPPENING_TOKEN\""),
            "accept" | "user-agent" | "host" | "content-length" => Ok(()),
            name => write!(command, " -H {}", quoted(&format!("{name}: {value}"))),
        };
    }
    if let Some(body) = request.body {
        let _ = write!(command, " -d {}", word(&escaped(&String::from_utf8_lossy(body))));
    }
    command
}

/// One word for a shell.
fn quoted(text: &str) -> String {
    word(&visible(text))
}

/// The same, as it is.
pub fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn headers(mark: char, headers: &[(&str, &str)]) {
    for (name, value) in headers {
        tell(&format!("{mark} {name}: {}", shown(name, value)));
    }
}

fn shown(name: &str, value: &str) -> String {
    match name {
        "authorization" | "cookie" | "set-cookie" => "***".to_owned(),
        _ => visible(value),
    }
}

fn tell(line: &str) {
    // Where nobody listens on stderr there is no other place to complain.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_as_a_command_keeps_its_secret() {
        let request = Outgoing {
            method: "POST",
            url: "http://x/events?q=it's",
            headers: vec![
                ("authorization", "Bearer s3cret"),
                ("content-type", "application/json"),
                ("idempotency-key", "0197"),
                ("accept", "application/json"),
            ],
            body: Some(br#"{"name":"it's"}"#),
        };
        assert_eq!(
            curl(&request),
            r#"curl -X POST 'http://x/events?q=it'\''s' -H "Authorization: Bearer $HAPPENING_TOKEN" -H 'content-type: application/json' -H 'idempotency-key: 0197' -d '{"name":"it'\''s"}'"#
        );
        assert_eq!(shown("authorization", "Bearer s3cret"), "***");
    }
}
