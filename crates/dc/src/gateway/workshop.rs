//! Threads for work that is slow and needs no transaction: hashing uploads, scaling photos.
//!
//! Neither the writer nor a connection's task may wait for it. The threads are few, so that a
//! burst of pictures cannot take the machine from everybody else.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;

use parking_lot::{Condvar, Mutex};

/// Jobs that may wait; more are refused.
const WAITING_MAX: usize = 1024;
const THREADS: usize = 2;

type Job = Box<dyn FnOnce() + Send>;

/// A queue and the threads that empty it. They end when it is dropped.
pub(super) struct Workshop(Arc<Bench>);

#[derive(Default)]
struct Bench {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
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

    /// Queues a job; false if too many wait.
    pub(super) fn run(&self, job: impl FnOnce() + Send + 'static) -> bool {
        let mut queue = self.0.queue.lock();
        if queue.jobs.len() >= WAITING_MAX {
            return false;
        }
        queue.jobs.push_back(Box::new(job));
        self.0.changed.notify_one();
        true
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
