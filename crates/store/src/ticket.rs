//! What a caller holds while its transaction waits, runs and becomes durable.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::{Condvar, Mutex};

use crate::StoreError;
use crate::writer::Core;

/// The promise of a transaction's result, kept once the result is durable.
///
/// Wait for it, await it, or leave a callback. Dropping it does not cancel the transaction.
#[must_use = "the transaction's outcome is unknown until the ticket completes"]
pub struct WriteTicket<T> {
    slot: Arc<Slot<T>>,
    /// The writer to run when nobody else does: see [`crate::WriterMode::ByHand`].
    by_hand: Option<Arc<Core>>,
}

struct Slot<T> {
    state: Mutex<State<T>>,
    done: Condvar,
}

enum State<T> {
    Waiting(Option<Waker>),
    Callback(Box<dyn FnOnce(T) + Send>),
    Done(T),
    Taken,
}

impl<T: Send + 'static> WriteTicket<T> {
    /// Blocks until the result is durable. With a writer that is driven by hand, runs it.
    ///
    /// Never call this inside a transaction: it would wait for itself.
    pub fn wait(self) -> T {
        if let Some(core) = &self.by_hand {
            while self.is_waiting() && core.run_once() > 0 {}
        }
        let mut state = self.slot.state.lock();
        loop {
            match std::mem::replace(&mut *state, State::Taken) {
                State::Done(result) => return result,
                other => *state = other,
            }
            self.slot.done.wait(&mut state);
        }
    }

    /// Calls `callback` with the result, at once if it is there already.
    ///
    /// It runs on the writer's thread, and every commit waits for it: it should do no more than
    /// hand the result on.
    pub fn on_complete(self, callback: impl FnOnce(T) + Send + 'static) {
        let mut state = self.slot.state.lock();
        match std::mem::replace(&mut *state, State::Taken) {
            State::Done(result) => {
                drop(state);
                callback(result);
            }
            State::Waiting(_) => *state = State::Callback(Box::new(callback)),
            State::Callback(_) | State::Taken => unreachable!("a ticket is consumed by its use"),
        }
    }

    fn is_waiting(&self) -> bool {
        matches!(*self.slot.state.lock(), State::Waiting(_))
    }
}

impl<T> Future for WriteTicket<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut state = self.slot.state.lock();
        match std::mem::replace(&mut *state, State::Taken) {
            State::Done(result) => Poll::Ready(result),
            State::Waiting(_) => {
                *state = State::Waiting(Some(cx.waker().clone()));
                Poll::Pending
            }
            State::Callback(_) | State::Taken => panic!("a ticket was polled after its completion"),
        }
    }
}

/// The writer's end of a ticket. Dropped without a result, it reports that the store closed.
pub(crate) struct Completer<R, E: From<StoreError>> {
    slot: Option<Arc<Slot<Result<R, E>>>>,
}

impl<R, E: From<StoreError>> Completer<R, E> {
    pub(crate) fn pair(by_hand: Option<Arc<Core>>) -> (Self, WriteTicket<Result<R, E>>) {
        let slot = Arc::new(Slot { state: Mutex::new(State::Waiting(None)), done: Condvar::new() });
        (Self { slot: Some(Arc::clone(&slot)) }, WriteTicket { slot, by_hand })
    }

    pub(crate) fn complete(mut self, result: Result<R, E>) {
        self.fill(result);
    }

    fn fill(&mut self, result: Result<R, E>) {
        let Some(slot) = self.slot.take() else { return };
        let mut state = slot.state.lock();
        match std::mem::replace(&mut *state, State::Taken) {
            State::Waiting(waker) => {
                *state = State::Done(result);
                drop(state);
                slot.done.notify_all();
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
            State::Callback(callback) => {
                drop(state);
                callback(result);
            }
            State::Done(_) | State::Taken => unreachable!("a completer is consumed by its use"),
        }
    }
}

impl<R, E: From<StoreError>> Drop for Completer<R, E> {
    fn drop(&mut self) {
        // Made only if it is needed: making an error may write a log line.
        if self.slot.is_some() {
            self.fill(Err(E::from(StoreError::Closed)));
        }
    }
}
