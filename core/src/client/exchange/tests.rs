//! Which token an attempt has.

use super::*;
use crate::client::{ClientOptions, TokenSource};
use async_trait::async_trait;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

const CLOSED: &str = "";
const DONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"ok\":true}";
const BUSY: &str = "HTTP/1.1 503 X\r\nretry-after: 0\r\ncontent-length: 4\r\nconnection: close\r\n\r\noops";
const REFUSED: &str = "HTTP/1.1 401 X\r\ncontent-length: 4\r\nconnection: close\r\n\r\nnope";

/// A new token each time that one is asked for.
struct Rotating {
    drawn: AtomicU32,
    renews: bool,
}

#[async_trait]
impl TokenSource for Rotating {
    async fn access_token(&self) -> Result<Option<String>, ClientError> {
        Ok(Some(format!("t{}", self.drawn.fetch_add(1, Ordering::Relaxed))))
    }

    async fn renewed(&self, refused: &str) -> Result<Option<String>, ClientError> {
        Ok(self.renews.then(|| format!("{refused}-renewed")))
    }
}

/// A daemon that answers with these in order, and the tokens that it was sent.
async fn daemon(answers: &'static [&'static str]) -> (Url, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let tokens = Arc::<Mutex<Vec<String>>>::default();
    let seen = tokens.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 16 * 1024];
            let read = stream.read(&mut bytes).await.unwrap();
            let head = String::from_utf8_lossy(&bytes[..read]).into_owned();
            let token = head.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(token.unwrap_or("none").to_owned());
                seen.len() - 1
            };
            stream.write_all(answers.get(number).or(answers.last()).unwrap().as_bytes()).await.unwrap();
        }
    });
    (url, tokens)
}

async fn posted(
    answers: &'static [&'static str],
    renews: bool,
) -> (Result<String, ClientError>, Vec<String>) {
    let (url, tokens) = daemon(answers).await;
    let source = Rotating { drawn: AtomicU32::new(0), renews };
    let options = ClientOptions { keys: Some(Uuid::nil), ..ClientOptions::plain(Duration::from_secs(20)) };
    let answer = Client::with_options(url, source, options).raw("POST", "/things", &[], None).await;
    let tokens = tokens.lock().unwrap().clone();
    (answer, tokens)
}

#[tokio::test]
async fn each_attempt_has_a_token_that_is_valid_then() {
    let (answer, tokens) = posted(&[BUSY, CLOSED, DONE], false).await;
    answer.unwrap();
    assert_eq!(tokens, ["t0", "t1", "t2"]);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let (answer, tokens) = posted(&[BUSY, REFUSED, DONE], true).await;
    answer.unwrap();
    assert_eq!(tokens, ["t0", "t1", "t1-renewed"]);
    let (answer, tokens) = posted(&[REFUSED], true).await;
    assert!(answer.unwrap_err().to_string().contains("401"));
    assert_eq!(tokens, ["t0", "t0-renewed"], "not again and again");
    let (answer, tokens) = posted(&[REFUSED], false).await;
    assert!(answer.is_err());
    assert_eq!(tokens, ["t0"], "there is no other");
}

#[tokio::test]
async fn a_refused_token_does_not_undo_what_may_have_been_done() {
    let (answer, tokens) = posted(&[CLOSED, REFUSED], true).await;
    assert!(matches!(answer, Err(ClientError::Lost { .. })), "{answer:?}");
    assert_eq!(tokens, ["t0", "t1", "t1-renewed"]);
}
