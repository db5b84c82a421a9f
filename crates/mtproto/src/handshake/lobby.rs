//! Exchanges of clients that speak HTTP: between two questions they belong to no connection.
//!
//! A browser, or whatever stands between it and us, sends each request over the connection it
//! likes. So a link fetches the exchange that a question belongs to, and brings it back.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use heliogram_ids::Timestamp;
use heliogram_tl::Function as _;
use heliogram_tl::mtproto::{ReqPq, ReqPqMulti};

use super::Exchanges;
use super::exchanges::Exchange;

/// Exchanges that may go on over any connection. One serves all links of a server.
#[derive(Debug, Default)]
pub struct Lobby(Mutex<VecDeque<Exchange>>);

impl Lobby {
    /// Moves the exchange that the plain message `body` belongs to, if it is here.
    pub(crate) fn fetch(&self, body: &Bytes, exchanges: &mut Exchanges) {
        if let Some(names) = names(body) {
            self.fetch_named(names, exchanges);
        }
    }

    /// Moves the exchange of these nonces, if it is here.
    pub(crate) fn fetch_named(&self, names: &[u8], exchanges: &mut Exchanges) {
        let mut waiting = self.lock();
        let at = waiting.iter().rposition(|exchange| exchange.is_named(names));
        if let Some(exchange) = at.and_then(|at| waiting.remove(at)) {
            exchanges.adopt(exchange);
        }
    }

    /// Takes everything in. The oldest exchanges make room.
    pub(crate) fn bring(&self, now: Timestamp, exchanges: &mut Exchanges) {
        let mut waiting = self.lock();
        waiting.extend(exchanges.release());
        let excess = waiting.len().saturating_sub(WAITING_MAX);
        waiting.drain(..excess);
        while waiting.front().is_some_and(|oldest| oldest.is_over(now)) {
            waiting.pop_front();
        }
    }

    // Nothing panics under this lock, and the exchanges stay usable if something did.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Exchange>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The nonces that a question names: the client's, and behind it the server's unless the question
/// is the first.
fn names(question: &Bytes) -> Option<&[u8]> {
    let (id, rest) = question.split_first_chunk()?;
    let is_first = [ReqPq::ID, ReqPqMulti::ID].contains(&u32::from_le_bytes(*id));
    rest.get(..if is_first { 16 } else { 32 })
}

/// Exchanges of all clients together. One takes three round trips, so this is some thousand a
/// second.
const WAITING_MAX: usize = 1024;
