//! Long messages of all connections of a thread, encrypted together.
//!
//! A connection that has one to send puts it here and gives the others a turn: whoever was woken by
//! the same look at the sockets, or by the next, does the same. The first that comes back encrypts
//! what has gathered, for all. Nobody waits for more than there is: alone, a message is encrypted one
//! turn later.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heliogram_mtproto::link::{SealedFrame, UnsealedFrame, seal_frames};

thread_local! {
    static QUEUE: Queue = Queue::default();
}

/// What has gathered on one thread. Tasks may have moved to another when they come for theirs.
#[derive(Clone, Debug, Default)]
struct Queue(Arc<Mutex<Vec<Deposit>>>);

type Deposit = Arc<Mutex<Slot>>;

/// The frames of one connection on their way.
#[derive(Debug)]
enum Slot {
    Unsealed(Vec<UnsealedFrame>),
    Sealed(Vec<SealedFrame>),
}

/// Frames that were put in.
#[derive(Debug)]
pub(crate) struct Ticket {
    queue: Queue,
    deposit: Deposit,
}

/// Puts frames in; they are for [`Ticket::collect`] after everybody else had a turn.
pub(crate) fn submit(frames: Vec<UnsealedFrame>) -> Ticket {
    let queue = QUEUE.with(Queue::clone);
    let deposit = Arc::new(Mutex::new(Slot::Unsealed(frames)));
    let mut waiting = queue.lock();
    waiting.push(Arc::clone(&deposit));
    if is_enough(&waiting) {
        seal(&mut waiting);
    }
    drop(waiting);
    Ticket { queue, deposit }
}

impl Ticket {
    /// The frames, sealed.
    pub(crate) fn collect(self) -> Vec<SealedFrame> {
        let mut waiting = self.queue.lock();
        if matches!(*lock(&self.deposit), Slot::Unsealed(_)) {
            seal(&mut waiting);
        }
        match mem::replace(&mut *lock(&self.deposit), Slot::NOTHING) {
            Slot::Sealed(frames) => frames,
            Slot::Unsealed(frames) => seal_frames(frames),
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Vec<Deposit>> {
        lock(&self.0)
    }
}

impl Slot {
    const NOTHING: Self = Self::Sealed(Vec::new());
}

/// Whether more would only make them wait.
fn is_enough(waiting: &[Deposit]) -> bool {
    let (mut count, mut bytes) = (0, 0);
    for deposit in waiting {
        if let Slot::Unsealed(frames) = &*lock(deposit) {
            count += frames.len();
            bytes += frames.iter().map(UnsealedFrame::bytes_len).sum::<usize>();
        }
    }
    count >= FRAMES_MAX || bytes >= BYTES_MAX
}

/// Seals everything that waits, and gives it back to where it came from.
fn seal(waiting: &mut Vec<Deposit>) {
    let (mut owners, mut unsealed) = (Vec::with_capacity(waiting.len()), Vec::new());
    for deposit in waiting.drain(..) {
        let count = match &mut *lock(&deposit) {
            Slot::Unsealed(frames) => {
                let count = frames.len();
                unsealed.append(frames);
                count
            }
            Slot::Sealed(_) => continue,
        };
        owners.push((deposit, count));
    }
    let mut sealed = seal_frames(unsealed).into_iter();
    for (deposit, count) in owners {
        *lock(&deposit) = Slot::Sealed(sealed.by_ref().take(count).collect());
    }
}

// Under these locks nothing panics short of an allocation failure.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As many as are hashed at once; the widest registers have lanes for no more.
const FRAMES_MAX: usize = 16;
/// How much may wait in the clear.
const BYTES_MAX: usize = 8 << 20;
