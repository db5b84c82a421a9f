//! Requests from the moment they are made until they are answered, whatever ids they travel by.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use heliogram_ids::{MsgId, Timestamp};

use super::Full;
use crate::message::gzip;
use crate::session::Packing;

/// Names a request for as long as it lives; its message id may change under way.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RequestId(u64);

/// Which request goes first when several wait.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Priority {
    /// Before everything else: somebody is looking at a screen.
    High,
    /// In its turn.
    #[default]
    Normal,
    /// When nothing else waits: parts of files.
    Low,
}

/// How a request is to be treated.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestOptions {
    /// Which goes first.
    pub priority: Priority,
    /// Whether to try and compress it.
    pub packing: Packing,
    /// When to give it up; `None` waits as long as it takes.
    pub deadline: Option<Timestamp>,
    /// An id from [`reserve_msg_id`](super::ClientSession::reserve_msg_id) that the body mentions,
    /// so that it cannot travel by another.
    pub msg_id: Option<MsgId>,
}

/// All requests of a session.
#[derive(Debug, Default)]
pub(super) struct Requests {
    table: BTreeMap<RequestId, Request>,
    /// Every id a request was sent under: an answer to an earlier one counts as well.
    by_msg_id: BTreeMap<MsgId, RequestId>,
    queues: [VecDeque<RequestId>; 3],
    deadlines: BTreeSet<(Timestamp, RequestId)>,
    next: u64,
}

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) body: Bytes,
    pub(super) options: RequestOptions,
    pub(super) refusals: u8,
    pub(super) sent: Option<Sent>,
    msg_ids: Vec<MsgId>,
}

/// How a request travelled last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) msg_id: MsgId,
    pub(super) seq_no: i32,
    pub(super) at: Timestamp,
    /// The container that it went in, or itself: a complaint about an earlier one is out of date.
    pub(super) carrier: MsgId,
    /// The server has said that it has it.
    pub(super) acked: bool,
    /// It has been sent more than once by these numbers, so that the server may have it although it
    /// refused it the last time.
    pub(super) is_repeat: bool,
}

impl Requests {
    pub(super) fn add(
        &mut self,
        body: Bytes,
        options: RequestOptions,
        max: usize,
        packed_bytes_min: usize,
    ) -> Result<RequestId, Full> {
        if self.table.len() >= max {
            return Err(Full);
        }
        let worth_it = options.packing == Packing::Auto && body.len() >= packed_bytes_min;
        let packed = if worth_it { gzip::pack(&body) } else { None };
        let body = packed.unwrap_or(body);
        let id = RequestId(self.next);
        self.next += 1;
        if let Some(deadline) = options.deadline {
            self.deadlines.insert((deadline, id));
        }
        let request = Request { body, options, refusals: 0, sent: None, msg_ids: Vec::new() };
        self.table.insert(id, request);
        self.queue(options.priority).push_back(id);
        Ok(id)
    }

    pub(super) fn get(&self, id: RequestId) -> Option<&Request> {
        self.table.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: RequestId) -> Option<&mut Request> {
        self.table.get_mut(&id)
    }

    /// The request that was sent under this id at some time.
    pub(super) fn by_msg_id(&self, msg_id: MsgId) -> Option<RequestId> {
        self.by_msg_id.get(&msg_id).copied()
    }

    /// Requests under way, each as it travelled last.
    pub(super) fn under_way(&self) -> impl Iterator<Item = (RequestId, Sent)> {
        self.table.iter().filter_map(|(id, request)| Some((*id, request.sent?)))
    }

    /// Whether none is waiting or under way.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The request whose turn it is, without taking it; those that have ended are passed over.
    pub(super) fn peek(&mut self) -> Option<(RequestId, &Request)> {
        for queue in &mut self.queues {
            while let Some(id) = queue.front().copied() {
                if self.table.get(&id).is_some_and(|request| request.sent.is_none()) {
                    return self.table.get(&id).map(|request| (id, request));
                }
                queue.pop_front();
            }
        }
        None
    }

    /// The request has been given its numbers. Its place in the queue lapses.
    pub(super) fn on_sent(&mut self, id: RequestId, sent: Sent) {
        if let Some(request) = self.table.get_mut(&id) {
            request.sent = Some(sent);
            request.msg_ids.push(sent.msg_id);
            self.by_msg_id.insert(sent.msg_id, id);
        }
    }

    /// Messages that were just given their numbers go in a container.
    pub(super) fn on_contained(&mut self, members: &[MsgId], container: MsgId) {
        for member in members {
            if let Some(id) = self.by_msg_id.get(member)
                && let Some(sent) = self.table.get_mut(id).and_then(|it| it.sent.as_mut())
                && sent.msg_id == *member
            {
                sent.carrier = container;
            }
        }
    }

    /// Forgets by which ids requests travelled: they were those of another session, and may be given
    /// out again.
    pub(super) fn forget_msg_ids(&mut self) {
        self.by_msg_id.clear();
        self.table.values_mut().for_each(|request| request.msg_ids.clear());
    }

    /// These must be sent again under new numbers, before what waits, in the old order.
    pub(super) fn requeue(&mut self, mut ids: Vec<RequestId>) {
        ids.sort_unstable();
        ids.dedup();
        for id in ids.into_iter().rev() {
            if let Some(request) = self.table.get_mut(&id)
                && request.sent.take().is_some()
            {
                let priority = request.options.priority;
                self.queue(priority).push_front(id);
            }
        }
    }

    /// The request has ended.
    pub(super) fn remove(&mut self, id: RequestId) -> Option<Request> {
        let request = self.table.remove(&id)?;
        for msg_id in &request.msg_ids {
            self.by_msg_id.remove(msg_id);
        }
        if let Some(deadline) = request.options.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        Some(request)
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// One request whose deadline has passed.
    pub(super) fn expired(&self, now: Timestamp) -> Option<RequestId> {
        self.deadlines.first().filter(|(deadline, _)| *deadline <= now).map(|(_, id)| *id)
    }

    fn queue(&mut self, priority: Priority) -> &mut VecDeque<RequestId> {
        let [high, normal, low] = &mut self.queues;
        match priority {
            Priority::High => high,
            Priority::Normal => normal,
            Priority::Low => low,
        }
    }
}
