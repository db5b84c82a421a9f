//! How other tasks reach a connection's task: one atomic word and its waker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task;

use futures_util::task::AtomicWaker;

/// Tells the task of one connection that its machine has work. Cheap to clone and to call; any
/// number of wakes before the task runs count as one.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<Bell>);

#[derive(Debug, Default)]
struct Bell {
    rung: AtomicU8,
    task: AtomicWaker,
}

/// What was asked of a connection since it last looked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Rung(u8);

impl Rung {
    pub(crate) fn wake(self) -> bool {
        self.0 & WAKE != 0
    }

    pub(crate) fn drain(self) -> bool {
        self.0 & DRAIN != 0
    }

    pub(crate) fn kill(self) -> bool {
        self.0 & KILL != 0
    }

    pub(crate) fn displace(self) -> bool {
        self.0 & DISPLACE != 0
    }
}

const WAKE: u8 = 1;
const DRAIN: u8 = 2;
const KILL: u8 = 4;
const DISPLACE: u8 = 8;

impl Waker {
    /// A waker for a driver that is about to be made.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the driver call [`handle_wake`](crate::Connection::handle_wake) soon.
    pub fn wake(&self) {
        self.ring(WAKE);
    }

    /// Asks the connection to write what it has and close.
    pub fn drain(&self) {
        self.ring(DRAIN);
    }

    /// Closes the connection as it is.
    pub(crate) fn kill(&self) {
        self.ring(KILL);
    }

    /// Closes the connection as it is: somebody else needs its place more.
    pub(crate) fn displace(&self) {
        self.ring(DISPLACE);
    }

    /// Resolves when the connection is to be closed as it is. For connections without a driver.
    pub(crate) async fn gone(&self) {
        std::future::poll_fn(|cx| {
            let rung = self.look(cx);
            if rung.kill() || rung.displace() { task::Poll::Ready(()) } else { task::Poll::Pending }
        })
        .await;
    }

    /// What was asked since the last look; the orders to leave stay.
    pub(crate) fn look(&self, cx: &task::Context<'_>) -> Rung {
        // Registered before the look: a ring between the two wakes the task again.
        self.0.task.register(cx.waker());
        Rung(self.0.rung.fetch_and(!WAKE, Ordering::AcqRel))
    }

    fn ring(&self, what: u8) {
        // One wake of the task is enough until it has looked.
        if self.0.rung.fetch_or(what, Ordering::AcqRel) & what == 0 {
            self.0.task.wake();
        }
    }
}
