//! Doors for the fuzzer: a request without a socket around it.
//!
//! Built with `--cfg fuzzing` only, which nobody but `cargo xtask fuzz` sets.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use crate::reply::{self, Answer};
use crate::route::Route;
use crate::{Args, Limits, Token, body, http};

/// What a request says of its body.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// What stands behind the question mark.
    pub query: &'a str,
    /// `Content-Type`.
    pub content_type: &'a [u8],
    /// `Content-Encoding`.
    pub encoding: &'a [u8],
}

/// Reads the arguments of a request whose body arrives in `pieces`; the status if it is refused.
pub fn read_args(
    head: Head<'_>,
    pieces: Vec<Bytes>,
    spool: &Path,
    limits: &Limits,
) -> Result<Args, u16> {
    let mut headers = HeaderMap::new();
    for (name, value) in [(CONTENT_TYPE, head.content_type), (CONTENT_ENCODING, head.encoding)] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    let pieces = pieces.into_iter().map(|piece| Ok::<_, io::Error>(Frame::data(piece)));
    let body = StreamBody::new(stream::iter(pieces));
    let places = Semaphore::new(1);
    let read = body::read(Some(head.query), &headers, body, spool, limits, &places);
    // Time is looked at, and none passes.
    TIMER.block_on(read).map_err(|status| status.as_u16())
}

static TIMER: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread().enable_time().build().expect("no thread is made")
});

/// What a path asks for.
#[derive(Debug)]
pub enum Asked {
    /// A method of a bot.
    Method(Token, String),
    /// A file of a bot.
    File(Token, String),
}

/// Reads the path of a request; the error's code and text if there is nothing there.
pub fn route(path: &str) -> Result<Asked, (u16, String)> {
    match Route::parse(path) {
        Ok(Route::Method { token, method }) => Ok(Asked::Method(token, method)),
        Ok(Route::File { token, path }) => Ok(Asked::File(token, path)),
        Err(error) => Err((error.code, error.description)),
    }
}

/// The file that a path leads to, below a bot's folder.
pub fn file(folder: &Path, path: &str) -> Option<PathBuf> {
    http::safe_path(folder, path)
}

/// What goes over the wire.
pub fn envelope(answer: &Answer) -> Vec<u8> {
    reply::envelope(answer)
}
