//! The least of HTTP that a bot, or somebody who pretends to be one, has to speak.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::field::Source;

/// The status and the body of an answer.
pub(crate) type Answer = (u16, String);

/// Asks for a path over a connection of its own, and waits for the answer.
pub(crate) async fn get(
    to: SocketAddr,
    from: Source,
    path: &str,
    patience: Duration,
) -> io::Result<Answer> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.bind(from.socket())?;
    let asking = async {
        let mut stream = socket.connect(to).await?;
        let head = format!("GET {path} HTTP/1.1\r\nHost: siege\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        parse(&answer).ok_or_else(|| io::ErrorKind::InvalidData.into())
    };
    tokio::time::timeout(patience, asking)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let answer = String::from_utf8_lossy(answer);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// Text as it may stand in a path.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
