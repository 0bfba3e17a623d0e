//! The streams: what happens to an event, or to all of them, as it happens. Server-Sent Events (HTML Living Standard,
//! section 9.2), read on and on: a connection that ends is opened again, from where the reader left off.
//!
//! The parser is ours because its lines have a bound, and because an id counts once its message is taken, not once it has
//! arrived: a reader that is interrupted in between is sent the message again.

use super::{Client, ClientError, RawResponse};
use crate::backoff;
use crate::id::EventId;
use crate::wire::LiveMessage;
use reqwest::{Method, Request, Response, StatusCode, header};
use std::time::Duration;

/// How long a stream may be silent. The daemon sends a comment each 15 s.
const SILENCE: Duration = Duration::from_secs(45);

/// The pause before connecting again, unless the daemon names one; doubled each time in vain.
const RETRY: Duration = Duration::from_secs(1);

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(15);

/// Longest message: the seats of the largest event fit.
const LONGEST_LINE: usize = 32 * 1024 * 1024;

/// What a reader hears.
#[derive(Debug)]
pub enum Heard {
    /// Something happened.
    Message(LiveMessage),
    /// The connection is lost, and why: what is shown may be old. The next call connects again.
    Interrupted(ClientError),
}

/// A stream. [`LiveStream::next`] waits for what comes next.
pub struct LiveStream {
    client: Client,
    http: reqwest::Client,
    path: String,
    response: Option<Response>,
    parser: Parser,
    wait: Duration,
    failures: u32,
}

impl Client {
    /// What happens to an event.
    pub fn watch_event(&self, event: EventId) -> LiveStream {
        LiveStream::new(self, format!("/events/{event}/stream"))
    }

    /// What happens to all events, and to the parts of the daemon: for operators and support.
    pub fn watch_everything(&self) -> LiveStream {
        LiveStream::new(self, "/admin/stream".to_owned())
    }
}

impl LiveStream {
    fn new(client: &Client, path: String) -> Self {
        let http = crate::net::stream_client(SILENCE);
        let client = client.clone();
        Self { client, http, path, response: None, parser: Parser::default(), wait: RETRY, failures: 0 }
    }

    /// The id of the last message, by which the stream goes on after an interruption.
    pub fn last_id(&self) -> Option<&str> {
        self.parser.last_id.as_deref()
    }

    /// The next thing to hear. An error is final: the daemon refuses the stream. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Heard, ClientError> {
        loop {
            while let Some(message) = self.parser.take() {
                self.failures = 0;
                // Words of a newer daemon are passed over.
                if let Ok(message) = serde_json::from_str(&message) {
                    return Ok(Heard::Message(message));
                }
            }
            let Some(response) = &mut self.response else {
                if let Err(error) = self.connect().await {
                    return if error.is_final() { Err(error) } else { Ok(self.interrupted(error)) };
                }
                continue;
            };
            let error = match response.chunk().await {
                Ok(Some(bytes)) if self.parser.push(&bytes) => continue,
                Ok(Some(_)) => ClientError::Broken("a message of the stream is too long".to_owned()),
                Ok(None) => ClientError::Broken("the stream ended".to_owned()),
                Err(error) => ClientError::of_transport(self.client.server(), &error, false),
            };
            return Ok(self.interrupted(error));
        }
    }

    fn interrupted(&mut self, error: ClientError) -> Heard {
        self.response = None;
        self.parser.interrupt();
        let first = self.parser.retry.unwrap_or(RETRY);
        self.failures = self.failures.saturating_add(1);
        self.wait = backoff::pause(first, LONGEST, self.failures, self.client.options.seed());
        Heard::Interrupted(error)
    }

    async fn connect(&mut self) -> Result<(), ClientError> {
        if self.failures > 0 {
            tokio::time::sleep(self.wait).await;
        }
        let mut request = self.request()?;
        let bearer = self.client.bearer(&request).await?;
        self.client.authorize(&mut request, bearer.as_deref())?;
        let mut response = self.execute(request).await?;
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(renewed) = self.client.other_than(bearer.as_deref()).await?
        {
            let mut request = self.request()?;
            self.client.authorize(&mut request, Some(&renewed))?;
            response = self.execute(request).await?;
        }
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response).await);
        }
        self.response = Some(response);
        Ok(())
    }

    fn request(&self) -> Result<Request, ClientError> {
        let url = self.client.endpoint.url(&self.path)?;
        let mut request = self.http.request(Method::GET, url).header(header::ACCEPT, "text/event-stream");
        if let Some(id) = self.last_id() {
            request = request.header("Last-Event-ID", id);
        }
        request.build().map_err(|error| ClientError::of_transport(self.client.server(), &error, false))
    }

    async fn execute(&self, request: Request) -> Result<Response, ClientError> {
        let sent = self.http.execute(request).await;
        sent.map_err(|error| ClientError::of_transport(self.client.server(), &error, false))
    }

    async fn refusal(&self, response: Response) -> ClientError {
        let (status, headers) = (response.status(), response.headers().clone());
        // Words that break off are none.
        let mut answer = RawResponse::new(response.bytes().await.unwrap_or_default().into());
        (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
        self.client.refusal(&answer)
    }
}

impl ClientError {
    /// Whether asking again is of no use: the daemon has refused, and not for being overloaded.
    fn is_final(&self) -> bool {
        matches!(self, Self::Refused { problem, .. } if problem.status < 500 && problem.status != 429)
    }
}

/// Reads the lines of a stream.
#[derive(Debug, Default)]
struct Parser {
    line: Vec<u8>,
    data: Option<String>,
    id: Option<String>,
    last_id: Option<String>,
    retry: Option<Duration>,
    ready: std::collections::VecDeque<(String, Option<String>)>,
    after_return: bool,
}

impl Parser {
    /// Takes some bytes. False if a line is too long.
    fn push(&mut self, bytes: &[u8]) -> bool {
        for &byte in bytes {
            // Lines end with CR, LF, or both.
            let ends_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if ends_return => {}
                b'\n' | b'\r' => self.end_line(),
                _ => self.line.push(byte),
            }
        }
        self.line.len() <= LONGEST_LINE
    }

    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
        if line.is_empty() {
            if let Some(data) = self.data.take() {
                self.ready.push_back((data, self.id.clone()));
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" => self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry),
            // The data names its own type; a comment only shows that somebody is there.
            _ => {}
        }
    }

    /// The next whole message. Its id counts from here on, not from when it arrived.
    fn take(&mut self) -> Option<String> {
        let (data, id) = self.ready.pop_front()?;
        self.last_id = id.or(self.last_id.take());
        Some(data)
    }

    /// What was read in part is read again.
    fn interrupt(&mut self) {
        self.line.clear();
        self.data = None;
        self.id.clone_from(&self.last_id);
        self.ready.clear();
        self.after_return = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parser: &mut Parser, text: &str) -> Vec<(String, Option<String>)> {
        assert!(parser.push(text.as_bytes()));
        std::iter::from_fn(|| parser.take().map(|data| (data, parser.last_id.clone()))).collect()
    }

    fn message(data: &str, id: Option<&str>) -> (String, Option<String>) {
        (data.to_owned(), id.map(ToOwned::to_owned))
    }

    #[test]
    fn messages_are_read_however_they_arrive() {
        let text = "retry: 250\n: welcome\n\nevent: seats\ndata: {\"a\":1}\nid: 7.0\n\ndata: two\r\ndata:lines\r\n\r\ndata\n\nid: 8\n\n";
        let whole = read(&mut Parser::default(), text);
        let expected =
            [message("{\"a\":1}", Some("7.0")), message("two\nlines", Some("7.0")), message("", Some("7.0"))];
        assert_eq!(whole, expected);
        let mut parser = Parser::default();
        let pieces: Vec<_> = text.chars().flat_map(|one| read(&mut parser, &one.to_string())).collect();
        assert_eq!(pieces, expected);
        assert_eq!(parser.retry, Some(Duration::from_millis(250)));
    }

    #[test]
    fn what_was_read_in_part_does_not_count() {
        let mut parser = Parser::default();
        assert_eq!(read(&mut parser, "data: a\nid: 1\n\ndata: b\nid: 2\nda").len(), 1);
        parser.interrupt();
        assert_eq!(parser.last_id.as_deref(), Some("1"));
        assert_eq!(read(&mut parser, "data: c\n\n"), [message("c", Some("1"))]);
    }
}
