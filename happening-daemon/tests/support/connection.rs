//! One connection, and nothing that pools, reuses or repeats: for tests that count connections or look at their end.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// An open connection to a daemon.
pub struct Connection {
    stream: TcpStream,
    token: String,
}

impl Connection {
    /// Opens it. What is asked over it is asked with this token.
    pub async fn open(url: &Url, token: &str) -> Self {
        let address = (url.host_str().expect("a host"), url.port().expect("a port"));
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, token: token.to_owned() }
    }

    /// POST with a JSON body, or none. Returns status and body.
    pub async fn post(&mut self, path: &str, body: Option<Value>) -> (u16, Value) {
        let (head, body) = self.request(path, body);
        self.stream.write_all(format!("{head}{body}").as_bytes()).await.expect("sent");
        self.answer().await
    }

    /// The same, but only the head is sent: the request is under way until [`Self::finish`].
    pub async fn begin(&mut self, path: &str, body: Value) -> String {
        let (head, body) = self.request(path, Some(body));
        self.stream.write_all(head.as_bytes()).await.expect("sent");
        body
    }

    /// Sends what [`Self::begin`] kept.
    pub async fn finish(&mut self, body: &str) -> (u16, Value) {
        self.stream.write_all(body.as_bytes()).await.expect("sent");
        self.answer().await
    }

    /// Whether the daemon closes it, rather than say anything more.
    pub async fn is_closed(&mut self) -> bool {
        matches!(self.stream.read(&mut [0; 64]).await, Ok(0) | Err(_))
    }

    fn request(&self, path: &str, body: Option<Value>) -> (String, String) {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{kind}Content-Length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        (head, body)
    }

    async fn answer(&mut self) -> (u16, Value) {
        let mut read = Vec::new();
        let mut length = None;
        while length.is_none_or(|length| read.len() < length) {
            let more = self.stream.read_buf(&mut read).await.expect("an answer");
            assert!(more > 0, "closed in the middle of an answer: {}", String::from_utf8_lossy(&read));
            if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                length = Some(end + 4 + content_length(&read[..end]));
            }
        }
        let text = String::from_utf8(read).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).expect("JSON"))
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let value = head.lines().find_map(|line| line.strip_prefix("content-length:")).expect("a length");
    value.trim().parse().expect("a number")
}
