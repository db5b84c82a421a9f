//! The seam between a socket and a protocol machine: what a driver calls, and when.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use heliogram_crypto::Random;
use heliogram_ids::{DcId, Timestamp};
use heliogram_mtproto::Fault;
use heliogram_mtproto::link::{SealedFrame, UnsealedFrame};

use crate::Waker;

/// Makes the machine of each accepted connection.
pub trait Service: Send + Sync + 'static {
    /// The machine that one connection runs.
    type Connection: Connection + Unpin;

    /// Called once per accepted connection, before its first byte. Others keep `waker` to tell
    /// the connection's task that there is something to send.
    fn connect(self: &Arc<Self>, peer: PeerInfo, waker: Waker) -> Self::Connection;
}

/// A sans-IO machine on one byte stream.
///
/// After every `handle_…` the driver asks [`is_closing`](Self::is_closing), drains
/// [`poll_transmit`](Self::poll_transmit) as far as the peer reads, and re-arms
/// [`poll_timeout`](Self::poll_timeout). A [`Fault`] ends the connection at once.
pub trait Connection: Send + 'static {
    /// Takes what the peer sent, in pieces of any size; the slice may be decrypted in place.
    fn handle_bytes(
        &mut self,
        now: Timestamp,
        bytes: &mut [u8],
        rng: &mut dyn Random,
    ) -> Result<(), Fault>;

    /// Follows any number of [`Waker::wake`]s since the last call.
    fn handle_wake(&mut self, now: Timestamp, rng: &mut dyn Random) -> Result<(), Fault>;

    /// The moment named by [`poll_timeout`](Self::poll_timeout) has come. May be called early.
    fn handle_timeout(&mut self, now: Timestamp, rng: &mut dyn Random) -> Result<(), Fault>;

    /// The process is shutting down: nothing more will be read, what is queued will be sent.
    fn handle_drain(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// Appends framed bytes to `out`, or leaves it as it is when there is nothing to send.
    ///
    /// It should stop after about [`DriverLimits::output_bytes_high`](crate::DriverLimits): it is
    /// asked again as soon as the peer has taken those, and a pong must not wait behind a file.
    fn poll_transmit(&mut self, now: Timestamp, rng: &mut dyn Random, out: &mut Vec<u8>);

    /// What [`poll_transmit`](Self::poll_transmit) has left unsealed, and what therefore comes next.
    ///
    /// The driver seals it together with what other connections have to say. Until it comes back by
    /// [`handle_sealed`](Self::handle_sealed) nothing else is asked of this one.
    fn poll_unsealed(&mut self) -> Vec<UnsealedFrame> {
        Vec::new()
    }

    /// Takes back everything that [`poll_unsealed`](Self::poll_unsealed) gave, in the same order.
    fn handle_sealed(&mut self, frames: Vec<SealedFrame>) {
        debug_assert!(frames.is_empty(), "nothing was given to be sealed");
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called.
    fn poll_timeout(&self) -> Option<Timestamp>;

    /// Whether the stream is to be closed once everything queued is written.
    fn is_closing(&self) -> bool {
        false
    }

    /// Whether nothing more is to be read for now. Who says so wakes the driver when it is over.
    fn is_busy(&self) -> bool {
        false
    }

    /// Whether the peer has shown who they are. Who has not gets little time, and gives way to
    /// newcomers when places run out.
    fn is_known(&self) -> bool {
        true
    }

    /// Bytes that the peer makes us hold: halves of frames, answers that wait.
    fn held_bytes(&self) -> usize {
        0
    }

    /// The last call: the stream is gone.
    fn handle_closed(&mut self, now: Timestamp, why: &Closed);
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerInfo {
    /// The remote end; `None` for a pipe within the process.
    pub remote: Option<SocketAddr>,
    /// Our end, from which the gateway learns on which port it was reached.
    pub local: Option<SocketAddr>,
    /// The data centre that the client named before it came in; `None` if it is for the gateway
    /// to find out.
    pub dc: Option<DcId>,
}

impl PeerInfo {
    /// The other end of a pipe within this process.
    pub const IN_PROCESS: Self = Self { remote: None, local: None, dc: None };
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    /// The peer closed its end.
    #[error("peer closed the stream")]
    ByPeer,
    /// The machine asked for it and everything it had queued was written.
    #[error("closed by us")]
    ByUs,
    /// The peer broke the protocol.
    #[error("protocol fault: {0}")]
    Fault(Fault),
    /// Reading or writing failed.
    #[error("stream failed: {0}")]
    Io(#[from] io::Error),
    /// Nothing was received for the idle limit.
    #[error("nothing received within the idle limit")]
    Idle,
    /// The peer does not read what it asked for.
    #[error("peer stopped reading with {unwritten} bytes unwritten")]
    Stalled {
        /// How much was waiting for it.
        unwritten: usize,
    },
    /// The peer has not shown a key in time.
    #[error("still a stranger after the time for it")]
    Stranger,
    /// Places or memory ran out, and somebody else needed them more.
    #[error("displaced by somebody else")]
    Displaced,
    /// The process is shutting down.
    #[error("shutting down")]
    Drained,
}
