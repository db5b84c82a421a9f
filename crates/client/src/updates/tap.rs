//! The way of updates from the connection to the stream: a bounded queue of undecoded containers.
//!
//! The results of our own requests come this way too, because they take positions in the same
//! sequences. When the reader is slow the queue is emptied and the reader told to ask for a
//! difference: memory stays flat, and nothing that has a position is lost.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use heliogram_tl::{Bytes, Constructor, Function, types};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Takes updates from the lines of a client and keeps them for its stream.
#[derive(Debug, Default)]
pub(crate) struct Tap {
    /// Closed until somebody reads: a client that only sends has no use for updates.
    open: AtomicBool,
    queue: Mutex<VecDeque<Tapped>>,
    arrived: Notify,
}

/// What a line passes on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Tapped {
    /// An `Updates` object.
    Container(Bytes),
    /// The common box was moved by a request of ours.
    Affected { pts: i32, count: i32 },
    /// Something may have been missed.
    Interrupted,
    /// The client is shut down.
    Closed,
}

impl Tap {
    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::Release);
    }

    pub(crate) fn close(&self) {
        self.push(Tapped::Closed);
    }

    /// A container that the server pushed.
    pub(crate) fn on_push(&self, container: Bytes) {
        self.push(Tapped::Container(container));
    }

    /// The result of a request of ours, `function` by its id.
    pub(crate) fn on_result(&self, function: u32, result: &Bytes) {
        if let Some(tapped) = tapped(function, result) {
            self.push(tapped);
        }
    }

    /// The server has forgotten our session, or made a new one.
    pub(crate) fn on_interruption(&self) {
        self.push(Tapped::Interrupted);
    }

    /// Waits for what comes next.
    pub(crate) async fn next(&self) -> Tapped {
        loop {
            if let Some(tapped) = self.queue.lock().pop_front() {
                return tapped;
            }
            self.arrived.notified().await;
        }
    }

    fn push(&self, tapped: Tapped) {
        if !self.open.load(Ordering::Acquire) && tapped != Tapped::Closed {
            return;
        }
        let mut queue = self.queue.lock();
        if queue.len() >= QUEUE_MAX {
            queue.clear();
            queue.push_back(Tapped::Interrupted);
        }
        queue.push_back(tapped);
        drop(queue);
        self.arrived.notify_one();
    }
}

fn tapped(function: u32, result: &Bytes) -> Option<Tapped> {
    let (id, rest) = result.split_first_chunk()?;
    match u32::from_le_bytes(*id) {
        UPDATES_TOO_LONG
        | types::UpdateShort::ID
        | types::UpdateShortMessage::ID
        | types::UpdateShortChatMessage::ID
        | types::UpdateShortSentMessage::ID
        | types::Updates::ID
        | types::UpdatesCombined::ID => Some(Tapped::Container(result.clone())),
        types::messages::AffectedMessages::ID | types::messages::AffectedHistory::ID
            if moves_common(function) =>
        {
            let (pts, rest) = rest.split_first_chunk()?;
            let count = rest.first_chunk()?;
            let [pts, count] = [pts, count].map(|word| i32::from_le_bytes(*word));
            Some(Tapped::Affected { pts, count })
        }
        _ => None,
    }
}

// The result does not say whose pts it tells, and some methods act on channels as well. These
// never do; what others moved is found as a gap and healed.
fn moves_common(function: u32) -> bool {
    use heliogram_tl::messages;
    [messages::DeleteMessages::ID, messages::ReadHistory::ID, messages::ReadMessageContents::ID]
        .contains(&function)
}

const UPDATES_TOO_LONG: u32 = 0xe317_af7e;
/// Containers that may wait for the reader.
const QUEUE_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use heliogram_tl::{Encode, Updates, messages};

    use super::*;

    fn container() -> Bytes {
        Bytes::from(Updates::UpdatesTooLong.to_bytes())
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_that_it_missed_something() {
        let tap = Tap::default();
        tap.open();
        for _ in 0..=QUEUE_MAX {
            tap.on_push(container());
        }
        assert_eq!(tap.next().await, Tapped::Interrupted);
        assert_eq!(tap.next().await, Tapped::Container(container()));
        assert!(tap.queue.lock().is_empty());
    }

    #[tokio::test]
    async fn without_a_reader_nothing_is_kept() {
        let tap = Tap::default();
        tap.on_push(container());
        assert!(tap.queue.lock().is_empty());
    }

    #[test]
    fn results_that_move_the_common_box_are_noticed() {
        let affected = types::messages::AffectedMessages { pts: 9, pts_count: 2 };
        let result = Bytes::from(messages::AffectedMessages::from(affected).to_bytes());
        let seen = |function| tapped(function, &result);
        assert_eq!(seen(messages::DeleteMessages::ID), Some(Tapped::Affected { pts: 9, count: 2 }));
        assert_eq!(seen(heliogram_tl::channels::DeleteMessages::ID), None);
        assert!(tapped(messages::SendMessage::ID, &container()).is_some());
        assert!(tapped(messages::SendMessage::ID, &Bytes::new()).is_none());
    }
}
