use super::*;
use crate::client::{Client, ClientOptions, FixedToken, Heard};
use crate::id::EventId;
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

fn endpoint(base: &str) -> Endpoint {
    Endpoint::new(base.parse().unwrap())
}

#[test]
fn a_path_and_its_query_are_set_on_the_address() {
    for (base, target, expected) in [
        ("http://h:5000", "/events?limit=5", "http://h:5000/events?limit=5"),
        ("http://h/tickets", "/events", "http://h/tickets/events"),
        ("http://h/tickets/", "/events?q=a b#c", "http://h/tickets/events?q=a%20b%23c"),
        ("https://h/a/b/", "/@x", "https://h/a/b/@x"),
        ("http://h", "/org%2Fclient", "http://h/org%2Fclient"),
    ] {
        assert_eq!(endpoint(base).url(target).unwrap().as_str(), expected, "{base} {target}");
    }
}

#[test]
fn what_is_not_a_path_at_the_daemon_is_refused() {
    for target in [
        "",
        "events",
        "//evil/x",
        r"/\evil/x",
        r"\\evil",
        "/\t/evil",
        "/\n//evil",
        "/..",
        "/a/../b",
        "/a/%2e%2e/b",
        "/a/.%2E",
        "/%252e%252e/x",
        "/a/..%2f..%2fb",
        "/a/..\\b",
        "http://evil/x",
        "@evil/x",
        ":80/x",
        "?x",
        "/a\u{0}",
    ] {
        let refused = endpoint("http://h/tickets").url(target);
        assert!(matches!(refused, Err(ClientError::Path { .. })), "{target:?}: {refused:?}");
    }
}

#[test]
fn an_address_that_cannot_be_kept_is_refused() {
    for base in
        ["http://h?x=1", "http://h/#f", "http://ada@h", "http://:p@h", "ftp://h/", "data:x", "file:///etc"]
    {
        let refused = endpoint(base).url("/events");
        assert!(matches!(refused, Err(ClientError::Address(_))), "{base}: {refused:?}");
    }
}

#[test]
fn the_next_page_is_of_the_same_list_at_the_daemon() {
    let tickets = endpoint("http://h/tickets");
    for link in ["/events?cursor=2", "/tickets/events?cursor=2", "http://h/events?cursor=2", "?cursor=2"] {
        assert_eq!(tickets.follow("/events?limit=1", link).unwrap(), "/events?cursor=2", "{link}");
    }
    for link in [
        "http://evil/events?c=1",
        "//evil/events?c=1",
        r"/\evil/events?c=1",
        "https://h/events?c=1",
        "http://h:81/?c=1",
        "http://ada@h/events?c=1",
        "data:x?c=1",
        "/events",
    ] {
        assert!(tickets.follow("/events", link).is_err(), "{link}");
    }
}

/// Pieces that move a URL to another host where one is made of text.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "/",
            "\\",
            "//",
            "@",
            ":",
            "?",
            "#",
            "..",
            ".",
            "%2e",
            "%2F",
            "%5c",
            "%00",
            "\t",
            "\n",
            "\r",
            " ",
            "evil.example",
            "evil.example:80",
            "http://",
            "https:",
            "events",
            "[::1]",
            "ada:pw@",
            "localhost",
            ";",
            "&",
            "=",
            "é",
            "。",
            "\u{ff0f}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_path_leads_away_from_the_daemon(target in pieces(), slash in any::<bool>()) {
        let target = if slash { format!("/{target}") } else { target };
        for base in ["http://daemon:5000", "https://daemon.example/tickets/"] {
            let endpoint = endpoint(base);
            if let Ok(url) = endpoint.url(&target) {
                prop_assert_eq!(url.origin(), endpoint.base.origin());
                prop_assert!(url.path().starts_with(&format!("{}/", endpoint.prefix())), "{}", url);
                prop_assert!(url.username().is_empty() && url.password().is_none());
            }
        }
    }

    #[test]
    fn no_link_leads_away_from_the_daemon(link in pieces()) {
        let endpoint = endpoint("http://daemon:5000/tickets");
        if let Ok(target) = endpoint.follow("/events?limit=2", &link) {
            prop_assert!(target.starts_with("/events?"), "{}", target);
            prop_assert_eq!(endpoint.url(&target).unwrap().origin(), endpoint.base.origin());
        }
    }

    #[test]
    fn no_address_is_another_for_its_requests(server in pieces(), scheme in any::<bool>(), target in pieces()) {
        let server = if scheme { format!("http://{server}") } else { server };
        let Ok(base) = Url::parse(&server) else { return Ok(()) };
        let endpoint = Endpoint::new(base);
        for target in [format!("/{target}"), "/events".to_owned()] {
            if let Ok(url) = endpoint.url(&target) {
                prop_assert_eq!(url.origin(), endpoint.base.origin());
                prop_assert_eq!(url.host_str(), endpoint.base.host_str());
                prop_assert!(url.username().is_empty() && url.password().is_none());
                prop_assert!(endpoint.base.query().is_none() && endpoint.base.fragment().is_none());
            }
        }
    }
}

/// Answers everything with `answer`, in which `{here}` is its own address, and keeps what it was sent.
struct Host {
    url: Url,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Host {
    async fn answering(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = heads.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut bytes = vec![0; 16 * 1024];
                let read = stream.read(&mut bytes).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&bytes[..read]).into_owned();
                let answer = answer(&head);
                seen.lock().unwrap().push(head);
                // A client may have gone away.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    fn tokens(&self) -> usize {
        self.heads()
            .iter()
            .filter(|head| head.to_lowercase().contains("authorization: bearer secret"))
            .count()
    }
}

fn client(server: &Url) -> Client {
    let options = ClientOptions::plain(Duration::from_secs(20));
    Client::with_options(server.clone(), FixedToken(Some("secret".into())), options)
}

const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]";

#[tokio::test]
async fn the_token_reaches_the_daemon_alone() {
    let trap = Host::answering(|_| EMPTY.to_owned()).await;
    let evil = trap.url.host_str().unwrap().to_owned() + ":" + &trap.url.port().unwrap().to_string();
    let link = evil.clone();
    let daemon = Host::answering(move |head| {
        let more = match head.split(' ').nth(1).unwrap_or_default() {
            "/events" => {
                format!("HTTP/1.1 200 OK\r\nlink: <http://{link}/events?cursor=2>; rel=\"next\"\r\n")
            }
            path => format!("HTTP/1.1 307 Elsewhere\r\nlocation: http://{link}{path}\r\n"),
        };
        format!("{more}content-length: 2\r\nconnection: close\r\n\r\n[]")
    })
    .await;
    let client = client(&daemon.url);
    for path in [
        format!("//{evil}/x"),
        format!(r"/\{evil}/x"),
        format!(r"\\{evil}/x"),
        format!("/\t/{evil}/x"),
        format!("/\n\\{evil}/x"),
        format!("http://{evil}/x"),
        format!("@{evil}/x"),
        format!(".{evil}"),
        format!("/@{evil}/x"),
    ] {
        for method in ["GET", "POST"] {
            assert!(client.raw(method, &path, &[], None).await.is_err(), "{path:?}");
        }
    }
    // Redirects are named, not followed.
    let redirected = client.event(EventId(Uuid::nil())).await.unwrap_err();
    assert!(
        redirected.to_string().contains(&format!("307 Temporary Redirect, a redirect to http://{evil}/")),
        "{redirected}"
    );
    assert!(client.watch_everything().next().await.is_ok_and(|heard| matches!(heard, Heard::Interrupted(_))));
    let page = client.find_events(&crate::wire::EventsQuery::default()).await;
    assert!(matches!(page, Err(ClientError::Broken(_))), "{page:?}");
    let host = [("Host".to_owned(), evil.clone())];
    assert!(
        client.raw("GET", "/events", &host, None).await.is_err(),
        "a server of many hosts would send it to another"
    );
    assert_eq!(trap.heads(), Vec::<String>::new());
    assert!(daemon.tokens() >= 3, "the daemon gets it");
}

#[tokio::test]
async fn a_path_in_the_address_is_before_that_of_every_request() {
    let discovery = r#"{"name":"Happening","version":"0","issuer":"http://i","audience":"a","clients":{"cli":"c","web":"w"}}"#;
    let daemon = Host::answering(move |head| {
        let body = if head.contains(".well-known") { discovery } else { "[]" };
        let link = "link: </events?cursor=2>; rel=\"next\"\r\n";
        format!("HTTP/1.1 200 OK\r\n{link}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    })
    .await;
    let client = client(&daemon.url.join("tickets/").unwrap());
    client.discovery().await.unwrap();
    client.clock().await.unwrap();
    let _ = client.readiness().await;
    client.raw("GET", "/x?y=1", &[], None).await.unwrap();
    let page = client.find_events(&crate::wire::EventsQuery::default()).await.unwrap();
    client.next_page::<crate::wire::Event>(&page.next.unwrap()).await.unwrap();
    let mut stream = client.watch_event(EventId(Uuid::nil()));
    let _ = stream.next().await;
    let asked: Vec<String> =
        daemon.heads().iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(
        asked,
        [
            "/tickets/.well-known/happening",
            "/tickets/healthz",
            "/tickets/readyz",
            "/tickets/x?y=1",
            "/tickets/events",
            "/tickets/events?cursor=2",
            "/tickets/events/00000000-0000-0000-0000-000000000000/stream"
        ]
    );
    assert_eq!(daemon.tokens(), 4, "what is asked before a sign-in has no token");
}
