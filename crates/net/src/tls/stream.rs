//! A stream that turns out to be TLS, or not, when its first bytes are read.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use tokio_rustls::Accept;
use tokio_rustls::server::TlsStream;

use super::Tls;
use super::hello::{HELLO_BYTES, Opening, opening};
use crate::Rewound;

/// A stream from which TLS is taken off if there is any.
pub(crate) struct MaybeTls<S> {
    state: State<S>,
    tls: Tls,
}

enum State<S> {
    Opening(S, Vec<u8>),
    Plain(Rewound<S>),
    Shaking(Box<Shaking<S>>),
    Tls(Box<TlsStream<Rewound<S>>>),
    /// The handshake failed.
    Failed,
}

struct Shaking<S> {
    accept: Accept<Rewound<S>>,
    /// When the client should be done.
    patience: Pin<Box<Sleep>>,
}

impl<S> MaybeTls<S> {
    pub(crate) fn new(stream: S, tls: Tls) -> Self {
        Self { state: State::Opening(stream, Vec::new()), tls }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> MaybeTls<S> {
    /// Goes on until the stream can be read from: it is known what it is, and a handshake is over.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.state {
                State::Opening(stream, first) => {
                    let is_over = ready!(poll_first(stream, first, cx))? == 0;
                    match opening(first) {
                        Opening::Unclear if !is_over => {}
                        verdict => self.settle(verdict),
                    }
                }
                State::Shaking(shaking) => {
                    let shaken = ready!(shaking.poll(cx));
                    self.state = State::Failed;
                    self.state = State::Tls(Box::new(shaken?));
                }
                State::Plain(_) | State::Tls(_) => return Poll::Ready(Ok(())),
                State::Failed => return Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
            }
        }
    }

    fn settle(&mut self, verdict: Opening) {
        let opened = std::mem::replace(&mut self.state, State::Failed);
        let State::Opening(stream, first) = opened else {
            self.state = opened;
            return;
        };
        let stream = Rewound::new(first, stream);
        self.state = if verdict == Opening::Tls {
            let patience = Box::pin(tokio::time::sleep(HANDSHAKE_MAX));
            State::Shaking(Box::new(Shaking { accept: self.tls.0.accept(stream), patience }))
        } else {
            State::Plain(stream)
        };
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Shaking<S> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<TlsStream<Rewound<S>>>> {
        if let Poll::Ready(shaken) = Pin::new(&mut self.accept).poll(cx) {
            return Poll::Ready(shaken);
        }
        ready!(self.patience.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "tls handshake takes too long")))
    }
}

/// Reads more of the first bytes; how many came.
fn poll_first<S: AsyncRead + Unpin>(
    stream: &mut S,
    first: &mut Vec<u8>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    let mut bytes = [0; HELLO_BYTES];
    let (room, _) = bytes.split_at_mut(HELLO_BYTES.saturating_sub(first.len()));
    let mut target = ReadBuf::new(room);
    ready!(Pin::new(stream).poll_read(cx, &mut target))?;
    first.extend_from_slice(target.filled());
    Poll::Ready(Ok(target.filled().len()))
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for MaybeTls<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        target: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_open(cx))?;
        match &mut this.state {
            State::Plain(stream) => Pin::new(stream).poll_read(cx, target),
            // Many hang up without the word that TLS has for it. Frames have lengths, so nothing
            // can be cut short unnoticed.
            State::Tls(stream) => match ready!(Pin::new(stream).poll_read(cx, target)) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
                read => Poll::Ready(read),
            },
            _ => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

/// Nothing is written before something was read, but whoever does is not held up.
impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for MaybeTls<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if matches!(this.state, State::Shaking(_) | State::Failed) {
            ready!(this.poll_open(cx))?;
        }
        match &mut this.state {
            State::Opening(stream, _) => Pin::new(stream).poll_write(cx, bytes),
            State::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            State::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
            State::Shaking(_) | State::Failed => {
                Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().state {
            State::Opening(stream, _) => Pin::new(stream).poll_flush(cx),
            State::Plain(stream) => Pin::new(stream).poll_flush(cx),
            State::Tls(stream) => Pin::new(stream).poll_flush(cx),
            State::Shaking(_) | State::Failed => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().state {
            State::Opening(stream, _) => Pin::new(stream).poll_shutdown(cx),
            State::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            State::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            State::Shaking(_) | State::Failed => Poll::Ready(Ok(())),
        }
    }
}

impl<S> fmt::Debug for MaybeTls<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Opening(..) => "opening",
            State::Plain(_) => "plain",
            State::Shaking(_) => "shaking hands",
            State::Tls(_) => "tls",
            State::Failed => "failed",
        };
        f.debug_tuple("MaybeTls").field(&state).finish()
    }
}

/// How long a handshake may take from its first bytes.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::{CertificateDer, ServerName};
    use rustls::{ClientConfig, RootCertStore};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio_rustls::TlsConnector;

    use super::*;

    /// A certificate for `localhost`, and a client that trusts it.
    fn parties() -> (Tls, TlsConnector) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let tls = Tls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(made.cert)).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        (tls, TlsConnector::from(Arc::new(client)))
    }

    async fn answer(stream: DuplexStream, tls: Tls) -> io::Result<Vec<u8>> {
        let mut stream = MaybeTls::new(stream, tls);
        let mut heard = vec![0; 8];
        stream.read_exact(&mut heard).await?;
        stream.write_all(b"answer").await?;
        stream.flush().await?;
        stream.shutdown().await?;
        Ok(heard)
    }

    #[tokio::test]
    async fn a_client_that_shakes_hands_is_understood() {
        let (tls, connector) = parties();
        let (near, far) = tokio::io::duplex(256);
        let server = tokio::spawn(answer(far, tls));
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = connector.connect(name, near).await.unwrap();
        client.write_all(b"question").await.unwrap();
        client.flush().await.unwrap();
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"answer");
        assert_eq!(server.await.unwrap().unwrap(), b"question");
    }

    #[tokio::test]
    async fn a_client_that_does_not_is_understood_too() {
        // The last one looks like a hello for five bytes.
        for question in [*b"question", [0xef; 8], [0x16, 3, 1, 0, 5, 2, 0, 0]] {
            let (tls, _) = parties();
            let (mut near, far) = tokio::io::duplex(256);
            let server = tokio::spawn(answer(far, tls));
            for byte in question {
                near.write_all(&[byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
            let mut heard = Vec::new();
            near.read_to_end(&mut heard).await.unwrap();
            assert_eq!(heard, b"answer");
            assert_eq!(server.await.unwrap().unwrap(), question);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_handshake_is_not_waited_for() {
        let (tls, _) = parties();
        let (mut near, far) = tokio::io::duplex(256);
        near.write_all(&[0x16, 3, 1, 0, 200, 1, 0]).await.unwrap();
        let error = answer(far, tls).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_hello_of_nonsense_is_an_error() {
        let (tls, _) = parties();
        let (mut near, far) = tokio::io::duplex(256);
        near.write_all(&[0x16, 3, 1, 0, 6, 1, 9, 9, 9, 9, 9, 9]).await.unwrap();
        assert!(answer(far, tls).await.is_err());
    }
}
