//! HTTP/1.1 messages with a known length, read and written whole.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

/// A request or an answer.
#[derive(Debug)]
pub(super) struct Message {
    /// The first line and the headers, with the empty line behind them.
    head: String,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// An answer of DynamoDB's.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        let head = format!(
            "HTTP/1.1 {status} On Purpose\r\ncontent-type: application/x-amz-json-1.0\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        Self { head, body }
    }

    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    let mut found = headers.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim())
}

/// One side of the proxy.
#[derive(Debug)]
pub(super) struct Connection(BufStream<TcpStream>);

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        // Small messages go out at once, else each waits for the other side's acknowledgement.
        let _ = stream.set_nodelay(true);
        Self(BufStream::new(stream))
    }

    /// The next message; `None` where the other side has left.
    pub(super) async fn read(&mut self) -> Option<Message> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).await.ok()? == 0 {
                return None;
            }
        }
        let length = header(&head, "content-length")?.parse().ok()?;
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.ok()?;
        Some(Message { head, body })
    }

    /// Sends a message. `false` where the other side has left.
    pub(super) async fn write(&mut self, message: &Message) -> bool {
        let sent = async {
            self.0.write_all(message.head.as_bytes()).await?;
            self.0.write_all(&message.body).await?;
            self.0.flush().await
        };
        sent.await.is_ok()
    }

    /// Sends a message and reads the answer to it.
    pub(super) async fn ask(&mut self, message: &Message) -> Option<Message> {
        match self.write(message).await {
            true => self.read().await,
            false => None,
        }
    }
}
