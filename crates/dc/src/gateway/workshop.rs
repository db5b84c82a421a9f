//! Threads for work that is slow and needs no transaction: handshakes, hashing uploads, scaling
//! photos, proofs of passwords.
//!
//! Neither the writer nor a connection's task may wait for it. The threads are few, so that a
//! burst of it cannot take the machine from everybody else; and whoever has much to do shares them
//! fairly with who has little, so that a flood from one address delays others by one job each.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZero;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use parking_lot::{Condvar, Mutex};

/// How much work a workshop takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkshopLimits {
    /// Threads that work at the same time; zero for half as many as there are processors.
    pub(super) threads: usize,
    /// Jobs that may wait. One more takes the place of the newest job of who has most waiting, if
    /// that is somebody with more than its own owner has; otherwise it is refused.
    pub(super) waiting_max: usize,
    /// Jobs of one owner that may wait; more are refused.
    pub(super) waiting_each_max: usize,
}

impl WorkshopLimits {
    /// Private-key work for strangers: a few milliseconds each, for which no flood ever takes more
    /// than half of the processors.
    pub(super) const HANDSHAKES: Self =
        Self { threads: 0, waiting_max: 2048, waiting_each_max: 256 };
    /// Everything else that is slow.
    pub(super) const SLOW: Self = Self { threads: 2, waiting_max: 1024, waiting_each_max: 256 };
    /// Commands that deliver login codes, each a process of its own. Threads that mostly wait.
    pub(super) const CODES: Self = Self { threads: 8, waiting_max: 1024, waiting_each_max: 1024 };
}

/// A queue and the threads that empty it. They end when it is dropped.
pub(crate) struct Workshop<W: Owner>(Arc<Bench<W>>);

/// Who has something done, and takes turns with others.
pub(crate) trait Owner: Copy + Ord + Send + 'static {}

impl<W: Copy + Ord + Send + 'static> Owner for W {}

/// A piece of work: done, or turned away.
pub(super) type Job = Box<dyn FnOnce(Fate) + Send>;

/// What becomes of a job.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    /// It is to be done now.
    Do,
    /// There is too much of it: its owner is to be told.
    TurnedAway,
}

struct Bench<W> {
    limits: WorkshopLimits,
    queue: Mutex<Queue<W>>,
    changed: Condvar,
}

struct Queue<W> {
    /// What waits, by owner.
    jobs: BTreeMap<W, VecDeque<Job>>,
    /// Owners with jobs, in the order of their turns.
    turns: VecDeque<W>,
    waiting: usize,
    closed: bool,
    /// Who does the jobs by hand and waits for some.
    idler: Option<Waker>,
}

impl<W: Owner> Workshop<W> {
    /// Starts the threads; one that does not start is missed by nobody while another runs.
    pub(super) fn start(name: &str, limits: WorkshopLimits) -> Self {
        let workshop = Self::by_hand(limits);
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let threads = if limits.threads == 0 { processors.div_ceil(2) } else { limits.threads };
        for number in 0..threads {
            let bench = Arc::clone(&workshop.0);
            let started =
                thread::Builder::new().name(format!("{name}-{number}")).spawn(move || bench.work());
            if let Err(error) = started {
                tracing::error!(%error, name, "a workshop thread does not start");
            }
        }
        workshop
    }

    /// One without threads: somebody calls [`Self::run_once`].
    pub(super) fn by_hand(limits: WorkshopLimits) -> Self {
        let queue = Queue {
            jobs: BTreeMap::new(),
            turns: VecDeque::new(),
            waiting: 0,
            closed: false,
            idler: None,
        };
        Self(Arc::new(Bench { limits, queue: Mutex::new(queue), changed: Condvar::new() }))
    }

    /// Queues a job. One that is turned away, this or another, is told so here.
    pub(super) fn run(&self, owner: W, job: impl FnOnce(Fate) + Send + 'static) {
        let mut queue = self.0.queue.lock();
        let turned_away = queue.add(owner, Box::new(job), &self.0.limits);
        self.0.changed.notify_one();
        if let Some(idler) = queue.idler.take() {
            idler.wake();
        }
        drop(queue);
        if let Some(job) = turned_away {
            job(Fate::TurnedAway);
        }
    }

    /// Ready once a job waits.
    pub(crate) fn poll_queued(&self, cx: &Context<'_>) -> Poll<()> {
        let mut queue = self.0.queue.lock();
        if queue.waiting == 0 {
            queue.idler = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Does one job; how many that were.
    pub(crate) fn run_once(&self) -> usize {
        let job = self.0.queue.lock().take();
        job.map_or(0, |job| {
            job(Fate::Do);
            1
        })
    }
}

impl<W: Owner> Drop for Workshop<W> {
    fn drop(&mut self) {
        self.0.queue.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl<W: Owner> Queue<W> {
    /// Takes a job in; gives back the one that there is no room for.
    fn add(&mut self, owner: W, job: Job, limits: &WorkshopLimits) -> Option<Job> {
        let own = self.jobs.get(&owner).map_or(0, VecDeque::len);
        if own >= limits.waiting_each_max {
            return Some(job);
        }
        let mut turned_away = None;
        if self.waiting >= limits.waiting_max {
            let busiest = self.busiest().filter(|(_, count)| *count > own + 1);
            let Some((busiest, _)) = busiest else { return Some(job) };
            turned_away = self.jobs.get_mut(&busiest).and_then(VecDeque::pop_back);
            self.waiting -= usize::from(turned_away.is_some());
        }
        let jobs = self.jobs.entry(owner).or_default();
        if jobs.is_empty() {
            self.turns.push_back(owner);
        }
        jobs.push_back(job);
        self.waiting += 1;
        turned_away
    }

    /// The next job: one of each owner in turn.
    fn take(&mut self) -> Option<Job> {
        let owner = self.turns.pop_front()?;
        let jobs = self.jobs.get_mut(&owner)?;
        let job = jobs.pop_front()?;
        self.waiting -= 1;
        if jobs.is_empty() {
            self.jobs.remove(&owner);
        } else {
            self.turns.push_back(owner);
        }
        Some(job)
    }

    /// Who has most waiting, and how much.
    fn busiest(&self) -> Option<(W, usize)> {
        let counts = self.jobs.iter().map(|(owner, jobs)| (*owner, jobs.len()));
        counts.max_by_key(|(_, count)| *count)
    }
}

impl<W: Owner> Bench<W> {
    fn work(&self) {
        loop {
            let mut queue = self.queue.lock();
            while queue.waiting == 0 && !queue.closed {
                self.changed.wait(&mut queue);
            }
            let Some(job) = queue.take() else { return };
            drop(queue);
            job(Fate::Do);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    const LIMITS: WorkshopLimits =
        WorkshopLimits { threads: 0, waiting_max: 6, waiting_each_max: 5 };

    /// A workshop that works when it is told to, and what became of its jobs.
    struct Slow {
        workshop: Workshop<char>,
        told: Sender<(String, Fate)>,
        heard: Receiver<(String, Fate)>,
    }

    impl Slow {
        fn new() -> Self {
            let (told, heard) = channel();
            Self { workshop: Workshop::by_hand(LIMITS), told, heard }
        }

        /// Queues so many jobs of one owner.
        fn order(&self, owner: char, count: usize) {
            for number in 0..count {
                let told = self.told.clone();
                self.workshop.run(owner, move |fate| {
                    told.send((format!("{owner}{number}"), fate)).expect("somebody listens");
                });
            }
        }

        fn turned_away(&self) -> Vec<String> {
            self.heard
                .try_iter()
                .map(|(name, fate)| {
                    assert_eq!(fate, Fate::TurnedAway);
                    name
                })
                .collect()
        }

        fn done(&self) -> Vec<String> {
            while self.workshop.run_once() > 0 {}
            assert!(self.workshop.0.queue.lock().jobs.is_empty());
            self.heard.try_iter().map(|(name, _)| name).collect()
        }
    }

    #[test]
    fn owners_take_turns() {
        let slow = Slow::new();
        slow.order('a', 4);
        slow.order('b', 2);
        assert_eq!(slow.done(), ["a0", "b0", "a1", "b1", "a2", "a3"]);
    }

    #[test]
    fn one_owner_has_only_so_many_jobs() {
        let slow = Slow::new();
        slow.order('a', 7);
        assert_eq!(slow.turned_away(), ["a5", "a6"]);
        assert_eq!(slow.done().len(), 5);
    }

    #[test]
    fn who_has_most_waiting_makes_room_for_who_has_little() {
        let slow = Slow::new();
        slow.order('a', 5);
        slow.order('b', 3);
        // The first of b's has a place left; the others take those of a's, until that is fair.
        assert_eq!(slow.turned_away(), ["a4", "a3"]);
        slow.order('b', 1);
        assert_eq!(slow.turned_away(), ["b0"], "as many as the other has already");
        assert_eq!(slow.done(), ["a0", "b0", "a1", "b1", "a2", "b2"]);
    }

    #[test]
    fn a_workshop_that_is_dropped_does_what_waits() {
        let (told, heard) = channel();
        let workshop = Workshop::start("test", WorkshopLimits { threads: 1, ..LIMITS });
        for number in 0..3 {
            let told = told.clone();
            workshop.run('a', move |_| told.send(number).expect("somebody listens"));
        }
        drop((workshop, told));
        assert_eq!(heard.iter().collect::<Vec<_>>(), [0, 1, 2]);
    }
}
