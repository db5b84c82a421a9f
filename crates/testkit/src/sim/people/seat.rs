//! A person, and one session of theirs: a client, its notebook, and somebody who listens.

use std::sync::Arc;

use heliogram_client::updates::{Incoming, UpdateStream};
use heliogram_client::{Client, InvokeError};
use heliogram_net::{Clock, Entropy};
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use super::{Notebook, Picture};
use crate::sim::dice::seed_of;
use crate::sim::house::{House, dc_id};
use crate::sim::net::Owner;
use crate::sim::trace::Trace;

/// Somebody with an account.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Person {
    pub(in crate::sim) id: i64,
    pub(in crate::sim) phone: String,
    pub(in crate::sim) username: String,
}

/// One session of a person.
pub(in crate::sim) struct Seat {
    pub(in crate::sim) number: usize,
    /// Whose it is.
    pub(in crate::sim) person: usize,
    pub(in crate::sim) client: Client,
    pub(in crate::sim) notebook: Notebook,
    pub(in crate::sim) picture: Arc<Mutex<Picture>>,
    listener: Option<JoinHandle<()>>,
    lives: u64,
}

impl Seat {
    /// A session on a notebook that may have a login or not. Nobody listens yet.
    pub(in crate::sim) fn take(
        seed: u64,
        number: usize,
        person: usize,
        notebook: Notebook,
        house: &Arc<House>,
        clock: &Clock,
    ) -> Self {
        let client = client(seed, number, 0, notebook.clone(), house, clock);
        let picture = Arc::default();
        Self { number, person, client, notebook, picture, listener: None, lives: 1 }
    }

    /// Begins to listen, from the oldest update on if this session never did.
    pub(in crate::sim) fn listen(&mut self, trace: &Trace) {
        let Ok(stream) = self.client.updates_from_oldest() else { return };
        let (picture, number) = (Arc::clone(&self.picture), self.number);
        let trace = trace.clone();
        self.listener = Some(tokio::spawn(hear(stream, picture, number, trace)));
    }

    /// The client's process is killed and started again.
    pub(in crate::sim) fn restart(
        &mut self,
        seed: u64,
        house: &Arc<House>,
        clock: &Clock,
        trace: &Trace,
    ) {
        let dead = self.client.clone();
        if let Some(listener) = self.listener.take() {
            listener.abort();
        }
        self.notebook = self.notebook.reopen();
        // A session in memory has nothing to wait for.
        tokio::spawn(async move { drop(dead.shutdown().await) });
        self.client = client(seed, self.number, self.lives, self.notebook.clone(), house, clock);
        self.lives += 1;
        self.picture.lock().restart();
        self.listen(trace);
    }

    /// How far the updates are handled, as it is written down.
    pub(in crate::sim) fn position(&self) -> i32 {
        self.notebook.read(|snapshot| snapshot.updates.map_or(0, |state| state.pts))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(listener) = self.listener.take() {
            listener.abort();
        }
    }
}

fn client(
    seed: u64,
    number: usize,
    life: u64,
    notebook: Notebook,
    house: &Arc<House>,
    clock: &Clock,
) -> Client {
    let way = Arc::clone(house);
    let connector = move || Arc::clone(&way).dial(Owner::Seat(number));
    let luck = seed_of(seed, "client", number as u64 * 1000 + life);
    Client::builder()
        .api(1, "hash")
        .session(notebook)
        .dc(dc_id(), connector, [house.key()])
        .clock(clock.clone())
        .entropy(Entropy::seeded(luck))
        .in_place()
        .start()
        .expect("a client needs no more than it was given")
}

async fn hear(mut stream: UpdateStream, picture: Arc<Mutex<Picture>>, number: usize, trace: Trace) {
    loop {
        match stream.next().await {
            Ok(Incoming::Update { update, .. }) => {
                trace.note("hear", number as u64, &[]);
                picture.lock().apply(&update);
            }
            Ok(other) => picture.lock().lose(format!("updates are lost: {other:?}")),
            Err(InvokeError::Closed) => return,
            // The login was ended.
            Err(_) => return,
        }
    }
}
