use super::*;
use crate::ids::Ids;
use happening_core::wire::NotificationType;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

fn message() -> QueuedNotification {
    let ids = Ids::default();
    QueuedNotification {
        id: ids.notification(),
        kind: NotificationType::BookingConfirmed,
        event_id: Some(ids.event()),
        user_id: ids.user(),
        seats: Some(2),
        booking_id: Some(ids.booking()),
        message: "Your booking is confirmed.".to_owned(),
        booked_by: None,
    }
}

/// Answers one request with `answer` and returns what was asked.
async fn server(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook?token=secret", listener.local_addr().expect("an address"));
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut asked = Vec::new();
        while !String::from_utf8_lossy(&asked).ends_with('}') {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).await.expect("a request");
            asked.extend_from_slice(&buffer[..read]);
        }
        stream.write_all(answer.as_bytes()).await.expect("answered");
        String::from_utf8(asked).expect("text")
    });
    (url, asked)
}

#[tokio::test]
async fn a_notification_is_posted_as_it_is_in_the_queue() {
    let (url, asked) = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    let sent = message();
    WebhookChannel::new(&url, true).expect("a webhook").deliver(&sent).await.expect("delivered");
    let asked = asked.await.expect("a request");
    assert!(asked.starts_with("POST /hook?token=secret HTTP/1.1\r\n"), "{asked}");
    let body = asked.split("\r\n\r\n").nth(1).expect("a body");
    assert_eq!(serde_json::from_str::<QueuedNotification>(body).expect("a notification"), sent);
}

#[tokio::test]
async fn only_a_success_is_one_and_no_error_shows_the_address() {
    let answers = [
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        "nonsense\r\n\r\n",
    ];
    for answer in answers {
        let (url, _asked) = server(answer).await;
        let refused = WebhookChannel::new(&url, true).expect("a webhook").deliver(&message()).await;
        let said = refused.expect_err(answer).reason.to_string();
        assert!(!said.contains("secret") && !said.contains("127.0.0.1"), "{said}");
    }
}

#[tokio::test]
async fn private_addresses_are_refused_however_they_are_written() {
    let spelled = [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.0.1/",
        "http://169.254.169.254/",
        "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://255.255.255.255/",
        "http://224.0.0.1/",
        "http://198.18.0.1/",
        "http://127.0.0.1./",
        "ftp://203.0.114.1/",
        "http://",
        "nonsense",
    ];
    for url in spelled {
        assert!(WebhookChannel::new(url, false).is_err(), "{url}");
    }
    for url in ["http://localhost/", "http://localhost.:1/", "http://LOCALHOST/"] {
        let channel = WebhookChannel::new(url, false).expect("a name");
        let refused = channel.deliver(&message()).await.expect_err(url).reason.to_string();
        assert!(!refused.contains("localhost"), "{refused}");
    }
    let (url, _asked) = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    let named = url.replace("127.0.0.1", "localhost");
    WebhookChannel::new(&named, false).expect("a name").deliver(&message()).await.expect_err("not public");
    for public in ["http://8.8.8.8/", "https://[2606:4700:4700::1111]/", "https://example.org/hook"] {
        WebhookChannel::new(public, false).expect(public);
    }
}
