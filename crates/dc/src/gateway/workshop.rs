//! Threads for work that is slow and needs no transaction: hashing uploads, scaling photos.
//!
//! Neither the writer nor a connection's task may wait for it. The threads are few, so that a
//! burst of pictures cannot take the machine from everybody else.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use parking_lot::{Condvar, Mutex};

/// Jobs that may wait; more are refused.
const WAITING_MAX: usize = 1024;
const THREADS: usize = 2;

type Job = Box<dyn FnOnce() + Send>;

/// A queue and the threads that empty it. They end when it is dropped.
pub(crate) struct Workshop(Arc<Bench>);

#[derive(Default)]
struct Bench {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
    /// Who does the jobs by hand and waits for some.
    idler: Option<Waker>,
}

impl Workshop {
    /// Starts the threads; one that does not start is missed by nobody while another runs.
    pub(super) fn start() -> Self {
        let bench = Arc::new(Bench::default());
        for number in 0..THREADS {
            let bench = Arc::clone(&bench);
            let started = thread::Builder::new()
                .name(format!("workshop-{number}"))
                .spawn(move || bench.work());
            if let Err(error) = started {
                tracing::error!(%error, "a workshop thread does not start");
            }
        }
        Self(bench)
    }

    /// One without threads: somebody calls [`Self::run_once`].
    pub(super) fn by_hand() -> Self {
        Self(Arc::default())
    }

    /// Queues a job; false if too many wait.
    pub(super) fn run(&self, job: impl FnOnce() + Send + 'static) -> bool {
        let mut queue = self.0.queue.lock();
        if queue.jobs.len() >= WAITING_MAX {
            return false;
        }
        queue.jobs.push_back(Box::new(job));
        self.0.changed.notify_one();
        if let Some(idler) = queue.idler.take() {
            idler.wake();
        }
        true
    }

    /// Ready once a job waits.
    pub(crate) fn poll_queued(&self, cx: &Context<'_>) -> Poll<()> {
        let mut queue = self.0.queue.lock();
        if queue.jobs.is_empty() {
            queue.idler = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Does one job; how many that were.
    pub(crate) fn run_once(&self) -> usize {
        let job = self.0.queue.lock().jobs.pop_front();
        job.map_or(0, |job| {
            job();
            1
        })
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        self.0.queue.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl Bench {
    fn work(&self) {
        loop {
            let mut queue = self.queue.lock();
            while queue.jobs.is_empty() && !queue.closed {
                self.changed.wait(&mut queue);
            }
            let Some(job) = queue.jobs.pop_front() else { return };
            drop(queue);
            job();
        }
    }
}
