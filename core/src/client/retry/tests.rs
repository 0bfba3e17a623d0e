use super::super::{Client, ClientOptions, FixedToken};
use super::*;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

/// In place of an answer: the connection is closed once the request is there.
const CLOSED: &str = "";
const DONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"ok\":true}";
/// Half of what it promises.
const TORN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"ok\"";
const BAD_GATEWAY: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\noops";
const BUSY: &str = "HTTP/1.1 503 X\r\nretry-after: 0\r\ncontent-length: 4\r\n\r\noops";
const GONE: &str = "HTTP/1.1 404 X\r\ncontent-length: 4\r\n\r\nnope";

/// A server that answers with these, in order; the last one stays.
struct Line {
    url: Url,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Line {
    async fn with(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let (seen, answers) = (heads.clone(), answers.to_vec());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut bytes = vec![0; 16 * 1024];
                let read = stream.read(&mut bytes).await.unwrap();
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(String::from_utf8_lossy(&bytes[..read]).into_owned());
                    seen.len() - 1
                };
                let answer = answers.get(number).or(answers.last()).unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, heads }
    }

    /// Asks in the way of the command line, for up to so many milliseconds.
    async fn asked(&self, method: &str, keys: bool, patience: u64) -> Result<Value, ClientError> {
        let options = ClientOptions {
            keys: keys.then_some(Uuid::nil as fn() -> Uuid),
            ..ClientOptions::plain(Duration::from_millis(patience))
        };
        let client = Client::with_options(self.url.clone(), FixedToken(None), options);
        let text = client.raw(method, "/things", &[], None).await?;
        Ok(serde_json::from_str(&text).unwrap())
    }

    fn count(&self) -> usize {
        self.heads.lock().unwrap().len()
    }

    fn keys(&self) -> Vec<Option<String>> {
        let heads = self.heads.lock().unwrap();
        let key = |head: &String| {
            head.lines().find_map(|line| line.strip_prefix("idempotency-key: ").map(str::to_owned))
        };
        heads.iter().map(key).collect()
    }
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_sent_again_under_its_key() {
    for broken in [CLOSED, TORN, BAD_GATEWAY] {
        let line = Line::with(&[broken, BUSY, DONE]).await;
        line.asked("POST", true, 10_000).await.unwrap();
        let keys = line.keys();
        assert_eq!(keys.len(), 3, "{broken}");
        assert!(keys.iter().all(|key| key.is_some() && *key == keys[0]), "{keys:?}");
    }
}

#[tokio::test]
async fn a_change_that_stays_unanswered_is_not_said_to_be_undone() {
    for answers in [&[CLOSED][..], &[BAD_GATEWAY], &[CLOSED, BUSY]] {
        let line = Line::with(answers).await;
        // Or the last of the time is spent on waiting, which says as little.
        let error = line.asked("POST", true, 700).await.unwrap_err();
        assert!(error.is_doubtful() && line.count() > 1, "{answers:?}: {error}");
    }
    // Without a key, once: a second would be done again.
    let line = Line::with(&[CLOSED, DONE]).await;
    let error = line.asked("POST", false, 5_000).await.unwrap_err();
    assert!(matches!(error, ClientError::Lost { .. }), "{error:?}");
    assert_eq!(line.count(), 1);
}

#[tokio::test]
async fn a_daemon_that_went_away_after_a_change_was_sent_may_have_made_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let line = Line { url, heads: Arc::default() };
    let dying = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await.unwrap();
        drop((stream, listener));
    };
    let (asked, ()) = tokio::join!(line.asked("POST", true, 1_000), dying);
    assert!(matches!(asked, Err(ClientError::Lost { .. })), "{asked:?}");
    let asked = line.asked("POST", true, 1_000).await;
    assert!(matches!(asked, Err(ClientError::Unreachable { .. })), "nothing was sent: {asked:?}");
}

#[tokio::test]
async fn what_says_how_things_are_to_be_is_sent_again_without_a_key() {
    for method in ["PUT", "DELETE"] {
        let line = Line::with(&[CLOSED, DONE]).await;
        line.asked(method, true, 5_000).await.unwrap();
        assert_eq!(line.keys(), [None, None], "{method}");
        // Gone, perhaps by the first.
        let line = Line::with(&[CLOSED, GONE]).await;
        let error = line.asked(method, true, 5_000).await.unwrap_err();
        assert!(matches!(error, ClientError::Lost { .. }), "{error:?}");
        assert_eq!(line.count(), 2);
    }
    let line = Line::with(&[GONE]).await;
    let error = line.asked("DELETE", true, 5_000).await.unwrap_err();
    assert!(matches!(error, ClientError::NotHappening(_)), "nothing was lost: {error:?}");
    assert_eq!(line.count(), 1);
}

#[tokio::test]
async fn a_read_does_nothing_and_is_repeated_a_few_times() {
    let line = Line::with(&[TORN, CLOSED, DONE]).await;
    line.asked("GET", true, 10_000).await.unwrap();
    let line = Line::with(&[CLOSED]).await;
    let error = line.asked("GET", true, 10_000).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    assert_eq!(line.count(), 3);
    let line = Line::with(&[BAD_GATEWAY]).await;
    let error = line.asked("GET", true, 10_000).await.unwrap_err();
    assert_eq!(error.to_string(), "a proxy or the daemon answered 502 Bad Gateway: try again");
}

#[tokio::test]
async fn a_server_without_tls_is_told_by_its_answer() {
    let mut line = Line::with(&["HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"]).await;
    line.url.set_scheme("https").unwrap();
    let error = line.asked("GET", true, 5_000).await.unwrap_err();
    assert!(error.to_string().ends_with("it speaks no TLS: with http:// it may be reached"), "{error}");
}
