//! How large a storm is.

use std::time::Duration;

/// The size of a storm. Two of the same plan strike alike, as far as the scheduler lets them.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many people there are; each talks with two neighbours, so at least three.
    pub people: usize,
    /// The number of the first of them: those before were in earlier storms over the same server.
    pub first: usize,
    /// How many sessions each of them has.
    pub sessions_each: usize,
    /// How long it rages.
    pub rages: Duration,
    /// How long a connection lives on average while it does.
    pub life: Duration,
    /// How long a session is silent on average between two messages.
    pub pause: Duration,
    /// How long everybody may take to recover.
    pub patience: Duration,
    /// Where chance comes from.
    pub seed: u64,
}

impl Plan {
    /// How many sessions there are in all.
    pub fn sessions(&self) -> usize {
        self.people * self.sessions_each
    }
}
