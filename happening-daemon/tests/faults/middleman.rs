//! Stands between a daemon and Keycloak: sees what is asked, and may lose an answer.

use crate::support::keycloak::Keycloak;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// Whoever stands there. Gone with the test's runtime.
pub struct Middleman {
    /// Where the daemon is to ask.
    url: String,
    issuer: String,
}

/// Told of a request's head, which comes in one piece from the daemon's HTTP client. True: Keycloak does it, and nobody hears
/// of it.
type Loses = Arc<dyn Fn(&str) -> bool + Send + Sync>;

impl Middleman {
    pub async fn before(keycloak: &Keycloak, loses: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        let issuer = keycloak.issuer();
        let server: Url = issuer.parse().expect("an address");
        let target = (server.host_str().expect("a host").to_owned(), server.port().expect("a port"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let loses: Loses = Arc::new(loses);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, target.clone(), loses.clone()));
            }
        });
        Self { url, issuer }
    }

    /// What makes a daemon ask here, and trust the issuer under its own name.
    pub fn settings(&self) -> [(&str, &str); 2] {
        [("KEYCLOAK_SERVER_URL", &self.url), ("OIDC_ISSUER", &self.issuer)]
    }
}

async fn pass(client: TcpStream, target: (String, u16), loses: Loses) {
    let Ok(server) = TcpStream::connect(target).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let lost = Arc::new(AtomicBool::new(false));
    let is_lost = lost.clone();
    let asking = async move {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = from_client.read(&mut bytes).await {
            if loses(&String::from_utf8_lossy(&bytes[..read])) {
                lost.store(true, Ordering::Relaxed);
            }
            if to_server.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    };
    let answering = async move {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
            if is_lost.load(Ordering::Relaxed) || to_client.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    };
    // Whichever ends first takes the connection with it.
    tokio::select! {
        () = asking => {}
        () = answering => {}
    }
}
