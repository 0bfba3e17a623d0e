//! The built binary in an environment of its own, and a daemon as small as these tests need it.

use assert_cmd::Command;
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

/// Nobody listens here.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// `happening` with nothing of this machine's environment, and its files in `home`.
pub fn happening(home: &Path) -> Command {
    let mut command = Command::cargo_bin("happening").unwrap();
    command
        .env_clear()
        .env("HAPPENING_CONFIG_DIR", home)
        .env("HAPPENING_SERVER", NOBODY)
        // A desktop's keyring is not ours to look into.
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .timeout(std::time::Duration::from_secs(20));
    command
}

/// A token that says who its bearer is, and is signed by nobody.
pub const TOKEN: &str = "e30.eyJzdWIiOiJhZGEiLCJlbWFpbCI6ImFkYUBleGFtcGxlLm9yZyJ9.x";

type Answers = Arc<Mutex<BTreeMap<&'static str, VecDeque<(u16, String)>>>>;

/// Answers each `METHOD /path` with the statuses and bodies given for it, in order; the last one stays. `{url}` in a body
/// is its own address.
pub struct Daemon {
    pub url: String,
}

impl Daemon {
    pub fn start(script: &[(&'static str, u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers = Answers::default();
        for (route, status, body) in script {
            let answer = (*status, body.replace("{url}", &url));
            answers.lock().unwrap().entry(*route).or_default().push_back(answer);
        }
        thread::spawn(move || {
            for stream in listener.incoming() {
                let answers = answers.clone();
                // A client that goes away early is part of what is tested.
                thread::spawn(move || answer(stream.unwrap(), &answers).ok());
            }
        });
        Self { url }
    }
}

fn answer(stream: TcpStream, answers: &Answers) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    stream.read_line(&mut line)?;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    stream.read_exact(&mut vec![0; length])?;
    let target = line.rsplit_once(' ').map_or("", |(target, _version)| target);
    let route = target.split('?').next().unwrap();
    let (status, body) = match answers.lock().unwrap().get_mut(route) {
        Some(answers) if answers.len() > 1 => answers.pop_front().unwrap(),
        Some(answers) => answers[0].clone(),
        None => (404, "no such route".to_owned()),
    };
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n");
    let text = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    stream.get_mut().write_all(text.as_bytes())
}
