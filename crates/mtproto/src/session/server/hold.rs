//! Over HTTP a server cannot speak unasked: a response is held back until there is something to
//! say, or until the client should not wait longer.
//!
//! Spec: mtproto/service_messages#http-wait

use std::time::Duration;

use heliogram_ids::Timestamp;

use super::ServerSession;

/// How a client wants responses to be held back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HttpWait {
    /// How long to wait for something to say.
    pub max_wait: Duration,
    /// How long to wait for more after the last that came up.
    pub wait_after: Duration,
    /// The longest that something may wait.
    pub max_delay: Duration,
}

/// What a session has to say, and over how many responses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Outlook {
    /// Messages that are queued: [`ServerSession::pending`].
    pub pending: usize,
    /// Requests that will be answered: [`ServerSession::running`].
    pub running: usize,
    /// Responses that are held back, on all connections of the session.
    pub waiting: usize,
}

/// One response that is held back.
#[derive(Clone, Copy, Debug)]
pub struct Hold {
    wait: Option<HttpWait>,
    since: Timestamp,
    came_up: Option<CameUp>,
    due: Timestamp,
}

/// When there was something to say.
#[derive(Clone, Copy, Debug)]
struct CameUp {
    first: Timestamp,
    last: Timestamp,
    count: usize,
}

impl Hold {
    /// Holds the response to a request of this moment, which may have said how.
    pub fn new(now: Timestamp, wait: Option<HttpWait>) -> Self {
        let max_wait = wait.map_or(UNASKED_MAX, |wait| wait.max_wait).min(WAIT_MAX);
        Self { wait, since: now, came_up: None, due: now + max_wait }
    }

    /// Whether the response is to leave; call it whenever the session changes, and when
    /// [`due`](Self::due).
    pub fn look(&mut self, now: Timestamp, outlook: Outlook) -> bool {
        self.due = match self.wait {
            Some(wait) => self.due_as_asked(now, wait, outlook),
            None => self.due_unasked(now, outlook),
        };
        self.due <= now
    }

    /// When the response leaves if nothing more happens.
    pub const fn due(&self) -> Timestamp {
        self.due
    }

    fn due_as_asked(&mut self, now: Timestamp, wait: HttpWait, outlook: Outlook) -> Timestamp {
        let last = self.since + wait.max_wait.min(WAIT_MAX);
        if outlook.pending == 0 {
            self.came_up = None;
            return last;
        }
        let count = outlook.pending;
        let came_up = self.came_up.get_or_insert(CameUp { first: now, last: now, count });
        if count > came_up.count {
            (came_up.last, came_up.count) = (now, count);
        }
        last.min(came_up.first + wait.max_delay).min(came_up.last + wait.wait_after)
    }

    /// One response is kept for each request that is still being worked on: whatever took it
    /// before would leave the answer without one.
    // Seen: Telethon 1.45 never sends http_wait, and nothing of its own accord that would bring
    // another response.
    fn due_unasked(&self, now: Timestamp, outlook: Outlook) -> Timestamp {
        let is_ready = outlook.pending > 0 && outlook.waiting > outlook.running;
        if is_ready { now } else { self.since + UNASKED_MAX }
    }
}

impl ServerSession {
    /// How many messages wait to be sent that are worth a response; acknowledgements are not.
    pub fn pending(&self) -> usize {
        self.repeats.len() + self.notices.len() + self.answers.len() + self.pushes.len()
    }
}

/// How long a request waits that did not say.
// Spec: mtproto/service_messages#http-wait
const UNASKED_MAX: Duration = Duration::from_secs(25);
/// The longest that anybody may wait.
const WAIT_MAX: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
    const MS: Duration = Duration::from_millis(1);

    const fn outlook(pending: usize, running: usize, waiting: usize) -> Outlook {
        Outlook { pending, running, waiting }
    }

    #[test]
    fn a_client_that_says_how_long_is_obeyed() {
        let wait = HttpWait { max_wait: 1000 * MS, wait_after: 10 * MS, max_delay: 30 * MS };
        let mut hold = Hold::new(NOW, Some(wait));
        assert!(!hold.look(NOW, outlook(0, 1, 1)));
        assert_eq!(hold.due(), NOW + 1000 * MS);
        assert!(!hold.look(NOW + 100 * MS, outlook(1, 0, 1)));
        assert_eq!(hold.due(), NOW + 110 * MS);
        // More comes up, which may go on until 30 ms after the first.
        assert!(!hold.look(NOW + 108 * MS, outlook(2, 0, 1)));
        assert_eq!(hold.due(), NOW + 118 * MS);
        assert!(!hold.look(NOW + 117 * MS, outlook(3, 0, 1)));
        assert!(!hold.look(NOW + 126 * MS, outlook(4, 0, 1)));
        assert_eq!(hold.due(), NOW + 130 * MS);
        assert!(hold.look(NOW + 130 * MS, outlook(4, 0, 1)));
    }

    #[test]
    fn nothing_keeps_a_response_beyond_its_longest_wait() {
        let wait = HttpWait { max_wait: 5 * MS, wait_after: 90 * MS, max_delay: 90 * MS };
        let mut hold = Hold::new(NOW, Some(wait));
        assert!(!hold.look(NOW, outlook(1, 0, 1)));
        assert!(hold.look(NOW + 5 * MS, outlook(1, 0, 1)));
        let eager = HttpWait { max_wait: Duration::ZERO, ..wait };
        assert!(Hold::new(NOW, Some(eager)).look(NOW, outlook(0, 1, 1)));
        let endless = HttpWait { max_wait: Duration::MAX, ..wait };
        assert_eq!(Hold::new(NOW, Some(endless)).due(), NOW + WAIT_MAX);
    }

    #[test]
    fn unasked_a_response_is_kept_for_every_running_request() {
        let mut hold = Hold::new(NOW, None);
        assert!(!hold.look(NOW, outlook(1, 1, 1)));
        assert!(hold.look(NOW, outlook(1, 1, 2)));
        assert!(hold.look(NOW, outlook(1, 0, 1)));
        assert!(!hold.look(NOW, outlook(0, 0, 1)));
        assert_eq!(hold.due(), NOW + UNASKED_MAX);
        assert!(hold.look(NOW + UNASKED_MAX, outlook(1, 1, 1)));
    }
}
