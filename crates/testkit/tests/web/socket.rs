//! A WebSocket as a stream: what goes in is obfuscated and framed, what comes out is neither.

use std::io;

use futures_util::{SinkExt as _, StreamExt as _};
use heliogram_crypto::{AesCtr, Random as _};
use heliogram_net::OsRandom;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Opens a WebSocket on `stream`. At the returned end the plain intermediate transport is spoken.
pub(crate) async fn through<S>(stream: S) -> io::Result<DuplexStream>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut request = "ws://localhost/apiws".into_client_request().map_err(io::Error::other)?;
    let protocol = HeaderValue::from_static("binary");
    request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
    let (socket, _) = client_async(request, stream).await.map_err(io::Error::other)?;
    let (near, far) = tokio::io::duplex(1 << 16);
    tokio::spawn(relay(socket, far));
    Ok(near)
}

async fn relay<S>(mut socket: WebSocketStream<S>, mut stream: DuplexStream) -> Option<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // The preamble of the plain transport has its place inside the obfuscated one.
    let mut plain = [0; 4];
    stream.read_exact(&mut plain).await.ok()?;
    assert_eq!(plain, [0xee; 4]);
    let (preamble, mut outbound, mut inbound) = preamble();
    socket.send(Message::Binary(Bytes::copy_from_slice(&preamble))).await.ok()?;
    let mut buffer = vec![0; 1 << 14];
    loop {
        tokio::select! {
            read = stream.read(&mut buffer) => {
                let bytes = buffer.get_mut(..read.ok()?).filter(|bytes| !bytes.is_empty())?;
                outbound.apply(bytes);
                socket.send(Message::Binary(Bytes::copy_from_slice(bytes))).await.ok()?;
            }
            message = socket.next() => match message?.ok()? {
                Message::Binary(bytes) => {
                    let mut bytes = bytes.to_vec();
                    inbound.apply(&mut bytes);
                    let len = u32::from_le_bytes(*bytes.first_chunk().unwrap());
                    assert_eq!(bytes.len() - 4, usize::try_from(len).unwrap(), "one frame a message");
                    stream.write_all(&bytes).await.ok()?;
                }
                Message::Close(_) => return None,
                _ => {}
            },
        }
    }
}

/// Sixty-four bytes to begin with, and the streams that they key.
fn preamble() -> ([u8; 64], AesCtr, AesCtr) {
    let mut preamble = [0; 64];
    OsRandom.fill(&mut preamble);
    preamble[..8].copy_from_slice(b"tungsten");
    preamble[56..60].fill(0xee);
    let mut reversed = preamble;
    reversed.reverse();
    let stream = |bytes: &[u8; 64]| {
        AesCtr::new(bytes[8..40].try_into().unwrap(), bytes[40..56].try_into().unwrap())
    };
    let (mut outbound, inbound) = (stream(&preamble), stream(&reversed));
    let mut disguised = preamble;
    outbound.apply(&mut disguised);
    preamble[56..].copy_from_slice(&disguised[56..]);
    (preamble, outbound, inbound)
}
