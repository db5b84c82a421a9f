//! What a server session asks of the gateway above it.

use std::time::Duration;

use bytes::Bytes;
use heliogram_ids::{MsgId, SessionId};

use super::HttpWait;

/// Something that the session cannot settle by itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SessionEvent {
    /// The session is new to us; the client has been told so.
    Created,
    /// A request to run and to [`answer`](super::ServerSession::answer).
    Request {
        /// Names the request in its answer; a key binding also signs it.
        msg_id: MsgId,
        /// The boxed query, unpacked if it was packed as a whole.
        body: Bytes,
    },
    /// The client no longer wants this answer; it may be computed to the end or not.
    DropAnswer {
        /// The request as it was reported.
        msg_id: MsgId,
    },
    /// Another session of the same key is to be forgotten; answer with
    /// [`session_destroyed`](super::ServerSession::session_destroyed).
    DestroySession {
        /// The other session.
        session_id: SessionId,
    },
    /// The key is to be forgotten; answer with
    /// [`key_destroyed`](super::ServerSession::key_destroyed), then close.
    DestroyAuthKey,
    /// Close the link that this came over unless the same is asked again within the time.
    DisconnectAfter(Duration),
    /// Long poll over HTTP: how to hold back the response to this message.
    HttpWait(HttpWait),
    /// Pushed updates were dropped: push `updatesTooLong`.
    PushesLost,
}

/// Whether a message counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use = "a quick acknowledgement is for accepted messages only"]
pub enum Verdict {
    /// It was taken in; the quick acknowledgement, if asked for, may go out.
    Accepted,
    /// It was refused as a whole and the client was told why; it will be sent again.
    Refused,
}

/// What became of an authorization key that its owner wanted destroyed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyDestruction {
    /// It is gone.
    Done,
    /// There was none.
    Unknown,
    /// It could not be destroyed.
    Failed,
}

/// Why nothing can be pushed: the session has not been used yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("session has received no message yet")]
pub struct Offline;
