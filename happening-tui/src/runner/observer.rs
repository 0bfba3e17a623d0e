//! Sees what goes over the wire, for the log of calls. One a task: its answers belong to the request before them.

use crate::message::Message;
use crate::model::Call;
use happening_core::client::{Incoming, Observer as Observing, Outgoing};
use happening_core::clock::Clock;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use url::Url;

/// Longer bodies are logged up to here.
const LONGEST_BODY: usize = 4_096;

/// Logs the calls of a task.
pub struct Observer {
    clock: Clock,
    messages: Sender<Message>,
    sent: Mutex<Option<Call>>,
}

impl Observer {
    /// Logs to these messages.
    pub fn new(clock: Clock, messages: Sender<Message>) -> Self {
        Self { clock, messages, sent: Mutex::new(None) }
    }

    fn take(&self) -> Option<Call> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A log that is full of what waits is no reason to wait.
    fn log(&self, call: Call) {
        let _full = self.messages.try_send(Message::Called(Box::new(call)));
    }
}

impl Observing for Observer {
    fn sending(&self, request: &Outgoing<'_>) {
        let path = Url::parse(request.url).map_or_else(
            |_| request.url.to_owned(),
            |url| match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            },
        );
        let body = request
            .body
            .map(|body| String::from_utf8_lossy(&body[..body.len().min(LONGEST_BODY)]).into_owned());
        let call = Call {
            at: self.clock.now(),
            method: request.method.to_owned(),
            command: crate::cli::command(request.method, &path, body.as_deref()),
            path,
            status: None,
            took: Duration::ZERO,
            request_id: None,
            body,
        };
        let unanswered = self.sent.lock().unwrap_or_else(PoisonError::into_inner).replace(call);
        if let Some(unanswered) = unanswered {
            self.log(unanswered);
        }
    }

    fn answered(&self, answer: &Incoming<'_>) {
        if let Some(call) = self.take() {
            let id = answer.headers.iter().find(|(name, _)| *name == "x-request-id");
            self.log(Call {
                status: Some(answer.status),
                took: answer.took,
                request_id: id.map(|(_, id)| (*id).to_owned()),
                ..call
            });
        }
    }

    fn pausing(&self, _why: &str, _pause: Duration) {}
}

impl Drop for Observer {
    /// What was not answered is logged nonetheless.
    fn drop(&mut self) {
        if let Some(mut call) = self.take() {
            call.took = (self.clock.now() - call.at).to_std().unwrap_or_default();
            self.log(call);
        }
    }
}
