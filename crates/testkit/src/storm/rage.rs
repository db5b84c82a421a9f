//! While it storms: everybody writes to their neighbours, and everybody listens.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use heliogram_client::Client;
use heliogram_client::updates::{Incoming, UpdateStream};
use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_ids::Peer;
use heliogram_tl as tl;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Storm;

/// A message: the seat it was written at, and its number there.
pub(crate) type Line = (usize, u32);

/// A message that was acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spoken {
    pub(crate) line: Line,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// What one session has heard.
#[derive(Default)]
pub(crate) struct Record {
    heard: Mutex<Vec<Heard>>,
    /// What must not happen to a listener.
    faults: Mutex<Vec<String>>,
}

/// A message as it was handed to a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub(crate) line: Line,
    pub(crate) chat: i64,
    pub(crate) id: i32,
}

impl Record {
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fault(&self, fault: String) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }
}

impl Storm {
    /// Lets the storm rage for as long as was planned, and waits until nobody writes any more.
    pub async fn rage(&mut self) {
        let (over, is_over) = watch::channel(false);
        let mut writers = JoinSet::new();
        for seat in &self.seats {
            let writer = Writer {
                client: seat.client.clone(),
                seat: seat.number,
                person: seat.person,
                neighbours: seat.neighbours,
                pause: self.plan.pause,
                rng: SeededRandom::new(self.plan.seed ^ (1 + seat.number as u64)),
                is_over: is_over.clone(),
            };
            writers.spawn(writer.write());
        }
        self.sky.storm(true);
        tokio::time::sleep(self.plan.rages).await;
        self.sky.storm(false);
        self.cleared = Some(self.clock.now());
        // Nobody minds: a writer that has finished by itself is one that was refused everything.
        let _ = over.send(true);
        let waiting = tokio::time::timeout(self.plan.patience, writers.join_all()).await;
        let Ok(written) = waiting else {
            return self.refused.push("writers still wait for their last answers".to_owned());
        };
        for (spoken, refused) in written {
            self.spoken.extend(spoken);
            self.refused.extend(refused);
        }
    }
}

/// One session's part.
struct Writer {
    client: Client,
    seat: usize,
    person: usize,
    neighbours: [(usize, Peer); 2],
    pause: Duration,
    rng: SeededRandom,
    is_over: watch::Receiver<bool>,
}

impl Writer {
    /// Writes until it is over; says what was acknowledged and what was not.
    async fn write(mut self) -> (Vec<Spoken>, Vec<String>) {
        let (mut spoken, mut refused) = (Vec::new(), Vec::new());
        for number in 0.. {
            let pause = self.pause.mul_f64(self.rng.below(2000) as f64 / 1000.0);
            if tokio::time::timeout(pause, self.is_over.wait_for(|over| *over)).await.is_ok() {
                break;
            }
            let (to, peer) = self.neighbours[self.rng.below(2) as usize];
            let line = (self.seat, number);
            match self.client.send_message(peer, words(line)).await {
                Ok(_) => spoken.push(Spoken { line, from: self.person, to }),
                Err(error) => refused.push(format!("{line:?}: {error}")),
            }
        }
        (spoken, refused)
    }
}

/// Writes down every message until the client is shut down.
pub(super) async fn listen(mut updates: UpdateStream, record: Arc<Record>) {
    loop {
        match updates.next().await {
            Ok(Incoming::Update { update, .. }) => {
                if let Some(heard) = heard(&update) {
                    record.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
                }
            }
            Ok(other) => record.fault(format!("{other:?}")),
            Err(heliogram_client::InvokeError::Closed) => return,
            Err(error) => return record.fault(format!("the updates ended: {error}")),
        }
    }
}

fn heard(update: &tl::Update) -> Option<Heard> {
    match update {
        tl::Update::UpdateNewMessage(new) => said(&new.message),
        _ => None,
    }
}

/// A message of ours in a history or an update.
pub(crate) fn said(message: &tl::Message) -> Option<Heard> {
    let tl::Message::Message(message) = message else { return None };
    let tl::Peer::PeerUser(chat) = &message.peer_id else { return None };
    Some(Heard { line: line(&message.message)?, chat: chat.user_id, id: message.id })
}

pub(crate) fn words((seat, number): Line) -> String {
    format!("{seat} says {number}")
}

/// The line that a text is; what stands behind a comma does not matter.
pub(crate) fn line(words: &str) -> Option<Line> {
    let (seat, rest) = words.split_once(" says ")?;
    let number = rest.split_once(',').map_or(rest, |(number, _)| number);
    Some((seat.parse().ok()?, number.parse().ok()?))
}
