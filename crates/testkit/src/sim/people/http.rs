//! As much of HTTP as a bot needs to talk to the Bot API server.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Posts a JSON object and returns the status and body of the answer.
pub(super) async fn post<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    path: &str,
    body: &str,
) -> io::Result<(u16, Vec<u8>)> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: sim\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    let (status, head, len) = loop {
        if let Some(head) = head(&answer) {
            break head;
        }
        more(stream, &mut answer).await?;
    };
    while answer.len() < head + len {
        more(stream, &mut answer).await?;
    }
    Ok((status, answer[head..head + len].to_vec()))
}

async fn more<S: AsyncRead + Unpin>(stream: &mut S, answer: &mut Vec<u8>) -> io::Result<()> {
    match stream.read_buf(answer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// The status, the length of the head, and the length of the body.
fn head(answer: &[u8]) -> Option<(u16, usize, usize)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(answer.get(..end)?).ok()?;
    let status = text.split(' ').nth(1)?.parse().ok()?;
    let len = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })?;
    Some((status, end, len))
}
