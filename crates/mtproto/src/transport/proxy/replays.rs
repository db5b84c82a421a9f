//! A bounded memory of how connections opened, against those who play a recording.

use std::collections::{HashSet, VecDeque};

/// Openings that were seen, the newest ones.
#[derive(Debug)]
pub(super) struct Replays {
    known: HashSet<Mark>,
    order: VecDeque<Mark>,
    len_max: usize,
}

/// As much of an opening as makes it unique.
type Mark = [u8; 16];

impl Replays {
    /// A memory of `len_max` openings.
    pub(super) fn new(len_max: usize) -> Self {
        Self { known: HashSet::new(), order: VecDeque::new(), len_max }
    }

    /// Remembers an opening by its first bytes; whether it is new.
    pub(super) fn note(&mut self, opening: &[u8]) -> bool {
        let Some(mark) = opening.first_chunk::<16>() else { return false };
        if !self.known.insert(*mark) {
            return false;
        }
        if self.order.len() >= self.len_max
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(*mark);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_is_new_once_until_it_is_forgotten() {
        let mut replays = Replays::new(2);
        let opening = |byte| [byte; 20];
        assert!(replays.note(&opening(1)));
        assert!(replays.note(&opening(2)));
        assert!(!replays.note(&opening(1)));
        assert!(replays.note(&opening(3)));
        assert!(!replays.note(&opening(2)) && !replays.note(&opening(3)));
        assert!(replays.note(&opening(1)), "the oldest was forgotten");
        assert_eq!((replays.known.len(), replays.order.len()), (2, 2));
        assert!(!replays.note(b"short"), "what cannot be told apart is not new");
    }
}
