//! `invokeAfterMsg`: requests that wait for others of their session.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use heliogram_ids::MsgId;

use super::run::Request;

/// Requests that may wait at once.
const WAITING_MAX: usize = 256;
/// Bytes of requests that may wait at once.
const WAITING_BYTES_MAX: usize = 1 << 20;
/// Failed requests remembered.
const FAILED_MAX: usize = 256;

/// What is being worked on, what failed lately, and what waits. Takes no memory when there is nothing.
#[derive(Default)]
pub(super) struct After {
    running: BTreeSet<MsgId>,
    failed: BTreeSet<MsgId>,
    /// In the order in which they came.
    waiting: BTreeMap<u64, Waiting>,
    waiting_bytes: usize,
    /// Who waits for each of those that are being worked on.
    waiters: BTreeMap<MsgId, Vec<u64>>,
    /// How many have ever waited.
    waited: u64,
}

struct Waiting {
    after: Vec<MsgId>,
    /// How many of them are being worked on.
    unfinished: usize,
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

    /// Decides about a request of so many bytes that names `after`; ids that are not known are done
    /// long since.
    pub(super) fn turn(&self, after: &[MsgId], bytes: usize) -> Turn {
        if after.iter().any(|id| self.failed.contains(id)) {
            return Turn::Never;
        }
        if !after.iter().any(|id| self.running.contains(id)) {
            return Turn::Now;
        }
        let is_full = self.waiting.len() >= WAITING_MAX
            || self.waiting_bytes.saturating_add(bytes) > WAITING_BYTES_MAX;
        if is_full { Turn::Never } else { Turn::Later }
    }

    /// Keeps a request until none of `after` is being worked on.
    pub(super) fn wait(&mut self, mut after: Vec<MsgId>, mut request: Request) {
        // A slice would keep all of the container that it came in.
        request.unwrapped.query = Bytes::copy_from_slice(&request.unwrapped.query);
        self.waiting_bytes += request.unwrapped.query.len();
        after.sort_unstable();
        after.dedup();
        let number = self.waited;
        self.waited += 1;
        let mut unfinished = 0;
        for id in after.iter().filter(|id| self.running.contains(id)) {
            self.waiters.entry(*id).or_default().push(number);
            unfinished += 1;
        }
        self.waiting.insert(number, Waiting { after, unfinished, request });
    }

    /// A request is done: whoever waited for it and for nothing else may have a turn.
    // Only they are looked at: in a chain, everybody names everybody before them.
    pub(super) fn end(&mut self, id: MsgId, failed: bool) -> Vec<(Vec<MsgId>, Request)> {
        self.running.remove(&id);
        if failed {
            self.failed.insert(id);
            if self.failed.len() > FAILED_MAX {
                self.failed.pop_first();
            }
        }
        let mut ready = Vec::new();
        for number in self.waiters.remove(&id).unwrap_or_default() {
            let Some(waiting) = self.waiting.get_mut(&number) else { continue };
            waiting.unfinished -= 1;
            if waiting.unfinished == 0
                && let Some(Waiting { after, request, .. }) = self.waiting.remove(&number)
            {
                self.waiting_bytes -= request.unwrapped.query.len();
                ready.push((after, request));
            }
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use heliogram_tl as tl;
    use heliogram_tl::{Encode as _, Function, Raw};

    use super::*;
    use crate::gateway::fixture::Desk;
    use crate::gateway::run::Origin;
    use crate::gateway::session::Session;
    use crate::gateway::unwrap::Unwrapped;

    /// A session of somebody who can write to somebody else.
    fn desk() -> (Desk, Arc<Session>, tl::InputPeer) {
        let mut desk = Desk::new();
        let (alice, bob) = (desk.cloud.person("Alice"), desk.cloud.person("Bob"));
        let peer = desk.cloud.input_peer(alice, bob);
        let session = desk.log_in(1, alice);
        (desk, session, peer)
    }

    fn say(peer: &tl::InputPeer, message: &str, random_id: i64) -> tl::messages::SendMessage {
        let (peer, message) = (peer.clone(), message.into());
        tl::messages::SendMessage { peer, message, random_id, ..Default::default() }
    }

    fn after(msg_id: MsgId, query: &impl Function) -> tl::InvokeAfterMsg {
        tl::InvokeAfterMsg { msg_id: msg_id.get(), query: Raw(query.to_bytes().into()) }
    }

    /// Every answer: the request, and the error's name if it was refused.
    #[track_caller]
    fn check(desk: &Desk, session: &Session, expected: &[(MsgId, Option<&str>)]) {
        let heard = desk.hear(session);
        let answers: Vec<(MsgId, Option<&str>)> = heard
            .answers
            .iter()
            .map(|(id, answer)| (*id, answer.as_ref().err().map(String::as_str)))
            .collect();
        assert_eq!(answers, expected);
    }

    #[test]
    fn a_request_runs_after_the_one_it_names() {
        let (mut desk, session, peer) = desk();
        let write = desk.ask(&session, &say(&peer, "one", 1));
        let state = tl::updates::GetState {};
        let free = desk.ask(&session, &state);
        let read = desk.ask(&session, &after(write, &state));
        check(&desk, &session, &[(free, None)]);
        desk.write();
        check(&desk, &session, &[(write, None), (read, None)]);
    }

    #[test]
    fn requests_that_name_a_refused_one_are_refused_too() {
        let (mut desk, session, peer) = desk();
        let bad = desk.ask(&session, &say(&peer, "", 1));
        let next = desk.ask(&session, &after(bad, &say(&peer, "two", 2)));
        let last = desk.ask(&session, &after(next, &say(&peer, "three", 3)));
        desk.write();
        let failed = Some("MSG_WAIT_FAILED");
        check(&desk, &session, &[(bad, Some("MESSAGE_EMPTY")), (next, failed), (last, failed)]);
        let late = desk.ask(&session, &after(bad, &say(&peer, "four", 4)));
        check(&desk, &session, &[(late, failed)]);
    }

    #[test]
    fn a_request_that_cannot_be_read_counts_as_refused() {
        let (mut desk, session, _) = desk();
        let odd =
            tl::InvokeWithLayer { layer: 0, query: Raw(tl::help::GetConfig {}.to_bytes().into()) };
        let bad = desk.ask(&session, &odd);
        let next = desk.ask(&session, &after(bad, &tl::updates::GetState {}));
        let refusals = [(bad, Some("CONNECTION_LAYER_INVALID")), (next, Some("MSG_WAIT_FAILED"))];
        check(&desk, &session, &refusals);
    }

    #[test]
    fn nobody_waits_for_what_is_done_or_unknown_or_oneself() {
        let (mut desk, session, peer) = desk();
        let write = desk.ask(&session, &say(&peer, "one", 1));
        desk.write();
        check(&desk, &session, &[(write, None)]);
        for named in [write, MsgId(4)] {
            let read = desk.ask(&session, &after(named, &tl::updates::GetState {}));
            check(&desk, &session, &[(read, None)]);
        }
        let itself = desk.next_id();
        let read = desk.ask(&session, &after(itself, &tl::updates::GetState {}));
        check(&desk, &session, &[(read, None)]);
    }

    #[test]
    fn only_so_many_requests_wait() {
        let mut after = After::default();
        after.begin(MsgId(4));
        for n in 0..WAITING_MAX {
            assert_eq!(after.turn(&[MsgId(4)], 0), Turn::Later);
            let msg_id = MsgId(8 + 4 * i64::try_from(n).unwrap());
            let (origin, unwrapped) = (Origin::default(), Unwrapped::default());
            let request = Request { msg_id, origin, unwrapped };
            after.wait(vec![MsgId(4)], request);
        }
        assert_eq!(after.turn(&[MsgId(4)], 0), Turn::Never);
        assert_eq!(after.end(MsgId(4), false).len(), WAITING_MAX);
        assert_eq!(after.turn(&[MsgId(4)], 0), Turn::Now);
    }
    #[test]
    fn what_waits_is_bounded_in_bytes_too() {
        let mut after = After::default();
        after.begin(MsgId(4));
        let half = WAITING_BYTES_MAX / 2;
        for n in 0..2 {
            assert_eq!(after.turn(&[MsgId(4)], half), Turn::Later);
            let query = vec![0; half].into();
            let unwrapped = Unwrapped { query, ..Unwrapped::default() };
            let request =
                Request { msg_id: MsgId(8 + 4 * n), origin: Origin::default(), unwrapped };
            after.wait(vec![MsgId(4)], request);
        }
        assert_eq!(after.turn(&[MsgId(4)], 1), Turn::Never);
        assert_eq!(after.end(MsgId(4), false).len(), 2);
        after.begin(MsgId(4));
        assert_eq!(after.turn(&[MsgId(4)], WAITING_BYTES_MAX), Turn::Later);
    }
}
