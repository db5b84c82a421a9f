//! One session, and everything that was acknowledged to it.

use heliogram_client::{Client, InvokeError};
use heliogram_crypto::SeededRandom;
use heliogram_ids::Peer;

use super::upload::Upload;
use crate::storm::crowd::Seat;
use crate::storm::rage::words;

/// A session that acts, and remembers.
pub(super) struct Hand {
    pub(super) seat: Seat,
    pub(super) rng: SeededRandom,
    /// Every message that was acknowledged, by its number at this seat.
    pub(super) said: Vec<Said>,
    /// How many of those had been looked at when the server was last seen whole.
    pub(super) looked: usize,
    /// The greatest pts that the server has named to this session.
    pub(super) pts: i32,
    /// By neighbour, how far this session has marked the chat as read.
    pub(super) read: [i32; 2],
    pub(super) upload: Option<Upload>,
    /// Further logins of the same account.
    pub(super) logins: Vec<Client>,
    pub(super) counts: Counts,
    /// What must not happen.
    pub(super) faults: Vec<String>,
}

/// A message of ours that the server has acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) number: u32,
    pub(super) random_id: i64,
    /// Which of the neighbours it was said to.
    pub(super) to: usize,
    pub(super) id: i32,
    /// How often it was changed.
    pub(super) revision: u32,
    pub(super) is_deleted: bool,
    /// What was attached.
    pub(super) file: Option<Upload>,
}

/// How much was acknowledged, by kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) edited: usize,
    pub(super) deleted: usize,
    pub(super) read: usize,
    pub(super) parts: usize,
    pub(super) repeated: usize,
    pub(super) logins: usize,
}

impl Hand {
    pub(super) fn new(seat: Seat, seed: u64) -> Self {
        let rng = SeededRandom::new(seed ^ (1 + seat.number as u64));
        Self {
            seat,
            rng,
            said: Vec::new(),
            looked: 0,
            pts: 0,
            read: [0; 2],
            upload: None,
            logins: Vec::new(),
            counts: Counts::default(),
            faults: Vec::new(),
        }
    }

    /// The neighbour with that index.
    pub(super) fn peer(&self, to: usize) -> Peer {
        self.seat.neighbours[to].1
    }

    /// How a message of ours reads after `revision` changes.
    pub(super) fn text(&self, number: u32, revision: u32) -> String {
        let line = words((self.seat.number, number));
        if revision == 0 { line } else { format!("{line}, thought over {revision} times") }
    }

    pub(super) fn saw_pts(&mut self, pts: i32) {
        self.pts = self.pts.max(pts);
    }

    pub(super) fn fault(&mut self, what: &str, error: &InvokeError) {
        self.faults.push(format!("seat {}, {what}: {error}", self.seat.number));
    }
}
