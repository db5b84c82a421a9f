//! `invokeAfterMsg`: requests that wait for others of their session.

use std::collections::{BTreeSet, VecDeque};

use heliogram_ids::MsgId;

use super::run::Request;

/// Requests that may wait at once.
const WAITING_MAX: usize = 256;
/// Failed requests remembered.
const FAILED_MAX: usize = 256;

/// What is being worked on, what failed lately, and what waits.
#[derive(Default)]
pub(super) struct After {
    running: BTreeSet<MsgId>,
    failed: VecDeque<MsgId>,
    waiting: Vec<Waiting>,
}

struct Waiting {
    after: Vec<MsgId>,
    request: Request,
}

/// What a request that names others can do now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Turn {
    /// Run: all before it are done.
    Now,
    /// Be refused: one of those before it failed, or too many wait already.
    Never,
    /// Wait.
    Later,
}

impl After {
    /// A request is being worked on.
    pub(super) fn begin(&mut self, id: MsgId) {
        self.running.insert(id);
    }

    /// Decides about a request that names `after`; ids that are not known are done long since.
    pub(super) fn turn(&self, after: &[MsgId]) -> Turn {
        if after.iter().any(|id| self.failed.contains(id)) {
            return Turn::Never;
        }
        if !after.iter().any(|id| self.running.contains(id)) {
            return Turn::Now;
        }
        if self.waiting.len() >= WAITING_MAX { Turn::Never } else { Turn::Later }
    }

    /// Keeps a request until none of `after` is being worked on.
    pub(super) fn wait(&mut self, after: Vec<MsgId>, request: Request) {
        self.waiting.push(Waiting { after, request });
    }

    /// A request is done: whoever waited for it may have a turn.
    pub(super) fn end(&mut self, id: MsgId, failed: bool) -> Vec<(Vec<MsgId>, Request)> {
        self.running.remove(&id);
        if failed {
            if self.failed.len() >= FAILED_MAX {
                self.failed.pop_front();
            }
            self.failed.push_back(id);
        }
        if self.waiting.is_empty() {
            return Vec::new();
        }
        let ready =
            |waiting: &mut Waiting| !waiting.after.iter().any(|id| self.running.contains(id));
        let ready: Vec<Waiting> = self.waiting.extract_if(.., ready).collect();
        ready.into_iter().map(|waiting| (waiting.after, waiting.request)).collect()
    }
}
