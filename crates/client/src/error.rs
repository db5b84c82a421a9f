//! What can go wrong between a request and its answer.

use std::io;

use heliogram_mtproto::handshake::HandshakeError;
use heliogram_tl::DecodeError;

use crate::RpcError;
use crate::session::SessionError;

/// Why a request has no result.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The server refused it.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The result is not of the type that the schema names.
    #[error("result cannot be read: {0}")]
    Decode(#[from] DecodeError),
    /// The client was shut down before the answer came.
    #[error("client is shut down")]
    Closed,
    /// More requests wait for an answer than the limit allows.
    #[error("too many requests wait for an answer")]
    Busy,
    /// The peer was never met, so there is no proof that we were shown it.
    #[error("peer was never met")]
    UnknownPeer,
    /// The session gave the request up; whether it was executed is unknown.
    #[error("request was given up: {0}")]
    GivenUp(&'static str),
}

/// Why a client could not be brought up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The session cannot be used.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The builder was not told where to connect, or as which application.
    #[error("builder lacks {0}")]
    Incomplete(&'static str),
    /// No connection came about within the time given.
    #[error("no connection to the data centre: {0}")]
    Unreachable(String),
    /// A request of the beginning failed.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
}

/// Why one link to the server ended before it was of use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    #[error("connecting failed: {0}")]
    Io(#[from] io::Error),
    #[error("key exchange failed: {0}")]
    Handshake(HandshakeError),
    #[error("server refused with error {0}")]
    Refused(i32),
    #[error("connecting took too long")]
    Timeout,
    #[error("{0}")]
    Closed(String),
}

impl InvokeError {
    /// The server's error, if it was the server that refused.
    pub fn rpc(&self) -> Option<&RpcError> {
        match self {
            Self::Rpc(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the server refused with the error of that name, number aside.
    pub fn is(&self, name: &str) -> bool {
        self.rpc().is_some_and(|error| error.is(name))
    }
}
