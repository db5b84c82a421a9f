//! Who does the work beside the connections: threads, or a simulation that gives each its turn.

use std::future::poll_fn;

use crate::server::Server;

/// Who does it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Workers {
    /// Threads of the server's.
    #[default]
    Threads,
    /// Whoever calls [`Server::take_turn`]. The store's writer is then run by hand as well, so the
    /// store has to be opened that way.
    ByHand,
}

/// A kind of work that has an order of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Worker {
    /// Runs transactions and commits them.
    Writer,
    /// Tells live sessions of what was committed.
    Fanout,
    /// Does what is slow and needs no transaction.
    Workshop,
    /// Does the private-key work of handshakes.
    Handshakes,
}

impl Worker {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Writer, Self::Fanout, Self::Workshop, Self::Handshakes];
}

impl Server {
    /// Resolves once a worker has something to do. One task at a time may wait for each.
    pub async fn wanted(&self, worker: Worker) {
        let gateway = self.gateway();
        poll_fn(|cx| match worker {
            Worker::Writer => gateway.store.poll_queued(cx),
            Worker::Fanout => gateway.fanout.poll_queued(cx),
            Worker::Workshop => gateway.workshop.poll_queued(cx),
            Worker::Handshakes => gateway.handshakes.poll_queued(cx),
        })
        .await;
    }

    /// Has a worker do the next piece of its work; returns how many things that were.
    pub fn take_turn(&self, worker: Worker) -> usize {
        let gateway = self.gateway();
        match worker {
            Worker::Writer => gateway.store.run_writer_once(),
            Worker::Fanout => gateway.fanout.run_once(),
            Worker::Workshop => gateway.workshop.run_once(),
            Worker::Handshakes => gateway.handshakes.run_once(),
        }
    }
}
