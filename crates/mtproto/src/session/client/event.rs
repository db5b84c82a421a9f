//! What a client session reports.

use std::time::Duration;

use bytes::Bytes;
use heliogram_ids::{Salt, SessionId};
use heliogram_tl::mtproto as tl;

use super::RequestId;

/// Something that happened to the session.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientEvent {
    /// A request succeeded.
    Result {
        /// Which.
        id: RequestId,
        /// Its boxed result, unpacked.
        body: Bytes,
    },
    /// The server answered a request with an error.
    Error {
        /// Which.
        id: RequestId,
        /// The class of error.
        code: i32,
        /// Its name.
        text: String,
    },
    /// A request ended without an answer.
    Failed {
        /// Which.
        id: RequestId,
        /// For what reason.
        why: Failure,
    },
    /// One boxed `Updates`.
    Update(Bytes),
    /// The server began the session anew: updates may have been missed.
    NewSession {
        /// Differs whenever the server has really forgotten.
        unique_id: i64,
    },
    /// Another salt is in use; one worth keeping for the next start.
    SaltChanged(Salt),
    /// The session had to be replaced; requests under way are sent again in the new one.
    SessionReplaced(SessionId),
    /// A ping was answered after this time.
    Pong(Duration),
    /// Nothing was heard since a ping: the link should be replaced.
    LinkDead,
    /// The answer to `destroy_session`.
    SessionDestroyed(SessionId),
    /// The answer to `destroy_auth_key`.
    KeyDestroyed(tl::DestroyAuthKeyRes),
}

/// Why a request ended without an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Failure {
    /// Its deadline has passed.
    #[error("no answer in time")]
    TimedOut,
    /// The server refused the message time and again.
    #[error("message refused with code {0}")]
    Refused(i32),
}

/// As many requests are waiting or under way as may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("too many requests at once")]
pub struct Full;
