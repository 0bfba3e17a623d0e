//! A Socket.IO client over WebSocket (RFC 6455), as lean as it gets, because a thousand of them share the machine with what
//! they measure.

use happening_core::id::EventId;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use url::Url;

/// One connection in one room.
pub struct Socket(BufReader<TcpStream>);

impl Socket {
    /// Connects and joins.
    pub async fn connect(url: &Url, event: EventId) -> Self {
        let authority = url.authority();
        let mut stream = TcpStream::connect(authority).await.expect("the daemon listens");
        stream.set_nodelay(true).expect("nodelay");
        let hello = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(hello.as_bytes()).await.expect("sent");
        let mut socket = Self(BufReader::with_capacity(1_024, stream));
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.0.read_u8().await.expect("an answer"));
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        assert!(socket.read().await.starts_with('0'), "Engine.IO opens");
        socket.write("40").await;
        assert!(socket.read().await.starts_with("40"), "Socket.IO connects");
        socket.write(&format!("42[\"event:join\",{{\"eventId\":\"{event}\"}}]")).await;
        socket
    }

    /// The next message. Pings are answered on the way.
    pub async fn read(&mut self) -> String {
        loop {
            let message = self.frame().await;
            if message != "2" {
                return message;
            }
            self.write("3").await;
        }
    }

    async fn frame(&mut self) -> String {
        let opcode = self.0.read_u8().await.expect("a frame") & 0x0f;
        let length = match self.0.read_u8().await.expect("a length") {
            126 => usize::from(self.0.read_u16().await.expect("a length")),
            127 => usize::try_from(self.0.read_u64().await.expect("a length")).expect("fits"),
            short => usize::from(short),
        };
        let mut text = vec![0; length];
        self.0.read_exact(&mut text).await.expect("a frame");
        assert_eq!(opcode, 1, "text");
        String::from_utf8(text).expect("UTF-8")
    }

    /// Client frames are masked (section 5.3); a mask of zeroes changes nothing.
    async fn write(&mut self, text: &str) {
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).expect("short"), 0, 0, 0, 0];
        frame.extend(text.as_bytes());
        self.0.get_mut().write_all(&frame).await.expect("sent");
    }
}
