//! A daemon and an issuer in one, as small as a test needs them: scripted answers over real HTTP.

use super::{Config, Credentials, Environment, ServerKey};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A configuration in a directory of its own.
pub fn config() -> (tempfile::TempDir, Config) {
    let home = tempfile::tempdir().unwrap();
    let environment = Environment { config_dir: Some(home.path().into()), ..Environment::default() };
    let config = Config::load(environment).unwrap();
    (home, config)
}

/// A daemon's key.
pub fn key(url: &str) -> ServerKey {
    ServerKey::new(&url.parse().unwrap())
}

/// A sign-in with refresh token `r1`.
pub fn credentials(issuer: &str) -> Credentials {
    Credentials { issuer: issuer.into(), client_id: "happening-cli".into(), refresh_token: "r1".into() }
}

#[derive(Default)]
struct Script {
    answers: BTreeMap<String, VecDeque<(u16, String)>>,
    bodies: BTreeMap<String, Vec<String>>,
}

/// Answers each route with what was scripted, in order; the last answer stays.
pub struct Issuer {
    name: String,
    script: Arc<Mutex<Script>>,
}

impl Issuer {
    /// Listens, with both discovery documents in place.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let name = format!("http://{}", listener.local_addr().unwrap());
        let issuer = Self { name, script: Arc::default() };
        issuer.on("GET", "/.well-known/openid-configuration", 200, &issuer.document());
        let daemon = format!(
            r#"{{"name":"Happening","version":"0","issuer":"{}","audience":"happening-server",
               "clients":{{"cli":"happening-cli","web":"happening-client"}}}}"#,
            issuer.name
        );
        issuer.on("GET", "/.well-known/happening", 200, &daemon);
        let script = issuer.script.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone()));
            }
        });
        issuer
    }

    pub fn name(&self) -> String {
        self.name.clone()
    }

    pub fn url(&self) -> Url {
        self.name.parse().unwrap()
    }

    pub fn document(&self) -> String {
        format!(
            r#"{{"issuer":"{0}","token_endpoint":"{0}/token","device_authorization_endpoint":"{0}/device",
               "revocation_endpoint":"{0}/revoke"}}"#,
            self.name
        )
    }

    pub fn on(&self, method: &str, path: &str, status: u16, body: &str) {
        let mut script = self.script.lock().unwrap();
        script.answers.entry(format!("{method} {path}")).or_default().push_back((status, body.to_owned()));
    }

    pub fn hits(&self, path: &str) -> usize {
        self.bodies(path).len()
    }

    pub fn bodies(&self, path: &str) -> Vec<String> {
        self.script.lock().unwrap().bodies.get(path).cloned().unwrap_or_default()
    }
}

async fn serve(stream: TcpStream, script: Arc<Mutex<Script>>) {
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    stream.read_line(&mut line).await.unwrap();
    let mut words = line.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return;
    };
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.unwrap();
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let (status, answer) = {
        let mut script = script.lock().unwrap();
        script.bodies.entry(path.to_owned()).or_default().push(String::from_utf8(body).unwrap());
        match script.answers.get_mut(&format!("{method} {path}")) {
            Some(answers) if answers.len() > 1 => answers.pop_front().unwrap(),
            Some(answers) => answers[0].clone(),
            None => (404, "{}".to_owned()),
        }
    };
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n");
    let answer = format!("{head}content-length: {}\r\n\r\n{answer}", answer.len());
    stream.write_all(answer.as_bytes()).await.unwrap();
}
