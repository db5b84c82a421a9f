//! The lines of one client: one that is always up, and a few for files while files move.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use heliogram_tl::Bytes;
use tokio::sync::{oneshot, watch};

use super::call::{Call, RpcResult};
use super::device::Hearing;
use super::line::{Line, LineConfig, Status};
use crate::InvokeError;

/// What a request is for, which decides about its line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// Everything that is not a file: small, and somebody waits for it.
    Home,
    /// Parts of files: large, and they must not stand in front of the others.
    File,
}

/// The lines of one client.
pub(crate) struct Pool {
    home: Arc<Line>,
    files: [Arc<Line>; FILE_LINES],
    turn: AtomicUsize,
}

impl Pool {
    /// Opens the home line; the others connect when they are first used, and hang up when not.
    pub(crate) fn open(config: Arc<LineConfig>) -> Self {
        let home = Line::new(Arc::clone(&config), Hearing::Updates);
        home.start();
        let files = std::array::from_fn(|_| Line::new(Arc::clone(&config), Hearing::Nothing));
        Self { home, files, turn: AtomicUsize::new(0) }
    }

    pub(crate) async fn call(&self, purpose: Purpose, function: u32, body: Bytes) -> RpcResult {
        let (call, answer) = Call::new(function, body);
        let line = self.line(purpose);
        line.submit(call);
        let waiting = Waiting { line, answer };
        waiting.await
    }

    pub(crate) fn status(&self) -> watch::Receiver<Status> {
        self.home.status()
    }

    pub(crate) fn close(&self) {
        self.home.close();
        self.files.iter().for_each(|line| line.close());
    }

    fn line(&self, purpose: Purpose) -> &Arc<Line> {
        match purpose {
            Purpose::Home => &self.home,
            Purpose::File => {
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                &self.files[turn % FILE_LINES]
            }
        }
    }
}

/// Waits for an answer; dropped before it came, tells the line that it is not wanted.
struct Waiting<'a> {
    line: &'a Line,
    answer: oneshot::Receiver<RpcResult>,
}

impl Future for Waiting<'_> {
    type Output = RpcResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<RpcResult> {
        let answer = Pin::new(&mut self.answer).poll(cx);
        answer.map(|answer| answer.unwrap_or(Err(InvokeError::Closed)))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // Closed first: the line recognises an abandoned request by it.
        self.answer.close();
        if !self.answer.is_terminated() {
            self.line.look_for_abandoned();
        }
    }
}

/// Lines that files are moved over at most.
pub(crate) const FILE_LINES: usize = 2;
