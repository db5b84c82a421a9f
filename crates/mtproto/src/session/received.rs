//! Which messages of the peer have come: the newest few hundred ids, each with what became of it.

use std::collections::VecDeque;

use heliogram_ids::MsgId;

/// Whether an id has been met before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Novelty {
    New,
    Seen,
    /// Lower than everything remembered: nobody can tell any more.
    Forgotten,
}

/// A bounded, ordered memory of ids.
#[derive(Debug)]
pub(crate) struct Received<F> {
    entries: VecDeque<(MsgId, F)>,
    /// The greatest id that was forgotten.
    floor: Option<MsgId>,
    max: usize,
}

impl<F> Received<F> {
    /// Remembers up to `max` ids.
    pub(crate) fn new(max: usize) -> Self {
        Self { entries: VecDeque::new(), floor: None, max }
    }

    pub(crate) fn novelty(&self, id: MsgId) -> Novelty {
        if self.find(id).is_ok() {
            Novelty::Seen
        } else if self.floor.is_some_and(|floor| id <= floor) {
            Novelty::Forgotten
        } else {
            Novelty::New
        }
    }

    /// Records a new id; returns the one that had to make room.
    pub(crate) fn insert(&mut self, id: MsgId, fate: F) -> Option<(MsgId, F)> {
        match self.find(id) {
            Ok(_) => return None,
            Err(at) => self.entries.insert(at, (id, fate)),
        }
        if self.entries.len() <= self.max {
            return None;
        }
        let dropped = self.entries.pop_front()?;
        self.floor = self.floor.max(Some(dropped.0));
        Some(dropped)
    }

    /// Before memory would have to grow for `id`: forgets what is useless and much older. Of what
    /// is as old and was not remembered nobody can tell any more, either.
    pub(crate) fn forget_useless(&mut self, id: MsgId, is_useless: impl Fn(&F) -> bool) {
        if self.entries.len() == self.entries.capacity() {
            let old = id.get().saturating_sub(USEFUL_SECS << 32);
            let floor = &mut self.floor;
            self.entries.retain(|(id, fate)| {
                let is_kept = id.get() > old || !is_useless(fate);
                if !is_kept {
                    *floor = (*floor).max(Some(*id));
                }
                is_kept
            });
        }
    }

    /// What became of a message.
    pub(crate) fn fate(&self, id: MsgId) -> Option<&F> {
        self.entries.get(self.find(id).ok()?).map(|entry| &entry.1)
    }

    /// As [`Self::fate`], to change it.
    pub(crate) fn fate_mut(&mut self, id: MsgId) -> Option<&mut F> {
        let at = self.find(id).ok()?;
        self.entries.get_mut(at).map(|entry| &mut entry.1)
    }

    /// How many are remembered.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The lowest and the greatest id remembered.
    pub(crate) fn range(&self) -> Option<(MsgId, MsgId)> {
        Some((self.entries.front()?.0, self.entries.back()?.0))
    }

    /// Forgets everything, as if no message had ever come.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.floor = None;
    }

    fn find(&self, id: MsgId) -> Result<usize, usize> {
        // Nearly every message is newer than all before.
        match self.entries.back() {
            Some(newest) if newest.0 < id => Err(self.entries.len()),
            _ => self.entries.binary_search_by_key(&id, |entry| entry.0),
        }
    }
}

/// Messages that travel alone are refused by their age after half of this; those in a container may
/// be older, and are told from new ones by the floor.
const USEFUL_SECS: i64 = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_useless_and_old_takes_no_room() {
        let mut received = Received::new(1000);
        let minute = |minute: i64| MsgId((minute * 60) << 32);
        received.insert(MsgId(4), "useful");
        for at in 1..=900 {
            received.forget_useless(minute(at), |fate| *fate == "useless");
            received.insert(minute(at), "useless");
        }
        assert!(received.len() <= 32, "{}", received.len());
        for id in [MsgId(4), minute(900), minute(891)] {
            assert_eq!(received.novelty(id), Novelty::Seen);
        }
        assert_eq!(received.novelty(minute(1)), Novelty::Forgotten);
    }

    fn received(ids: impl IntoIterator<Item = i64>) -> Received<()> {
        let mut received = Received::new(4);
        for id in ids {
            received.insert(MsgId(id), ());
        }
        received
    }

    #[test]
    fn order_of_arrival_does_not_matter() {
        let received = received([8, 4, 16, 12]);
        for id in [4, 8, 12, 16] {
            assert_eq!(received.novelty(MsgId(id)), Novelty::Seen);
        }
        assert_eq!(received.novelty(MsgId(10)), Novelty::New);
        assert_eq!(received.novelty(MsgId(2)), Novelty::New);
    }

    #[test]
    fn what_is_dropped_is_never_new_again() {
        let received = received([4, 8, 12, 16, 20]);
        assert_eq!(received.novelty(MsgId(4)), Novelty::Forgotten);
        assert_eq!(received.novelty(MsgId(2)), Novelty::Forgotten);
        assert_eq!(received.novelty(MsgId(6)), Novelty::New);
        assert_eq!(received.range(), Some((MsgId(8), MsgId(20))));
    }
}
