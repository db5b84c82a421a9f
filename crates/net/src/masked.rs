//! A stream that is plain on our side and disguised on the network.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use heliogram_mtproto::Fault;
use heliogram_mtproto::transport::{FakeTlsClient, ProxyLane};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A disguise for both directions of a stream.
pub(crate) trait Mask: Send + Unpin {
    /// Takes it off received bytes, in place; gives how many are left at the front.
    fn reveal(&mut self, bytes: &mut [u8]) -> Result<usize, Fault>;

    /// Appends bytes from the front of `bytes` with it on; gives how many.
    fn disguise(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize;
}

/// A proxy's side.
impl Mask for ProxyLane {
    fn reveal(&mut self, bytes: &mut [u8]) -> Result<usize, Fault> {
        self.reveal(bytes)
    }

    fn disguise(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        self.disguise(bytes, out)
    }
}

/// The side of a proxy's client.
impl Mask for FakeTlsClient {
    fn reveal(&mut self, bytes: &mut [u8]) -> Result<usize, Fault> {
        self.open(bytes)
    }

    fn disguise(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        self.seal(bytes, out)
    }
}

/// Takes the disguise off what is read and puts it on what is written.
#[derive(Debug)]
pub(crate) struct Masked<S, M> {
    stream: S,
    mask: M,
    /// Disguised, and not yet accepted by the stream. Without a buffer while there is nothing.
    out: Vec<u8>,
    written: usize,
}

impl<S, M> Masked<S, M> {
    /// A stream whose opening has been read.
    pub(crate) fn new(stream: S, mask: M) -> Self {
        Self { stream, mask, out: Vec::new(), written: 0 }
    }
}

impl<S: AsyncWrite + Unpin, M: Mask> Masked<S, M> {
    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.out.get(self.written..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
        }
        self.out = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin, M: Mask> AsyncRead for Masked<S, M> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        target: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let start = target.filled().len();
        loop {
            ready!(Pin::new(&mut this.stream).poll_read(cx, target))?;
            let (_, received) = target.filled_mut().split_at_mut(start);
            if received.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let len = this.mask.reveal(received).map_err(unfit)?;
            target.set_filled(start + len);
            // Nothing but the head of a record must not look like the end of the stream.
            if len > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin, M: Mask> AsyncWrite for Masked<S, M> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_write_out(cx))?;
        let (mut rest, _) = bytes.split_at(bytes.len().min(PIECE_BYTES_MAX));
        let len = rest.len();
        while !rest.is_empty() {
            let taken = this.mask.disguise(rest, &mut this.out);
            rest = rest.split_at(taken).1;
        }
        // What is not accepted now is on its way all the same: a flush waits for it.
        match this.poll_write_out(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(len)),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_write_out(cx))?;
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_write_out(cx))?;
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}

pub(crate) fn unfit(fault: Fault) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, fault)
}

/// How much is disguised at once: the copy should be small beside what the socket takes.
const PIECE_BYTES_MAX: usize = 64 << 10;
