//! A stream that came through the proxy's door: plain on our side, disguised on the network.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use heliogram_mtproto::transport::ProxyLane;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Rewound;

/// Takes the disguise off what is read and puts it on what is written.
#[derive(Debug)]
pub(crate) struct ProxyStream<S> {
    stream: S,
    lane: ProxyLane,
    /// Disguised, and not yet accepted by the stream. Without a buffer while there is nothing.
    out: Vec<u8>,
    written: usize,
}

impl<S> ProxyStream<S> {
    /// A stream whose opening was read; `first` is what lay behind it, without the disguise.
    pub(crate) fn new(stream: S, lane: ProxyLane, first: Vec<u8>) -> Rewound<Self> {
        Rewound::new(first, Self { stream, lane, out: Vec::new(), written: 0 })
    }
}

impl<S: AsyncWrite + Unpin> ProxyStream<S> {
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

impl<S: AsyncRead + Unpin> AsyncRead for ProxyStream<S> {
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
            let len = this.lane.reveal(received).map_err(unfit)?;
            target.set_filled(start + len);
            // Nothing but the head of a record must not look like the end of the stream.
            if len > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ProxyStream<S> {
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
            let taken = this.lane.disguise(rest, &mut this.out);
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

fn unfit(fault: heliogram_mtproto::Fault) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, fault)
}

/// How much is disguised at once: the copy should be small beside what the socket takes.
const PIECE_BYTES_MAX: usize = 64 << 10;
