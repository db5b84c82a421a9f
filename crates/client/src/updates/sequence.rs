//! One numbered sequence: what fits is let through, what came early waits.

use std::collections::BTreeMap;
use std::time::Duration;

use heliogram_ids::Timestamp;

/// A position that only moves forward, and the pieces that came too early.
#[derive(Debug)]
pub(crate) struct Sequence<T> {
    at: i32,
    /// By the position they end at, then by arrival.
    early: BTreeMap<(i32, u32), Early<T>>,
    arrivals: u32,
    gap_since: Option<Timestamp>,
}

#[derive(Debug)]
struct Early<T> {
    count: i32,
    piece: T,
}

/// What became of an offered piece.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Offer<T> {
    /// It comes next; the position has moved behind it.
    Next(T),
    /// It was here before.
    Known,
    /// It waits for those before it.
    Early,
    /// Waiting cannot help: pieces overlap, or too many wait. Ask the server.
    Broken,
}

impl<T> Sequence<T> {
    pub(crate) const fn new(at: i32) -> Self {
        Self { at, early: BTreeMap::new(), arrivals: 0, gap_since: None }
    }

    pub(crate) const fn at(&self) -> i32 {
        self.at
    }

    /// Takes a piece that ends at `end` and begins `count` before.
    pub(crate) fn offer(&mut self, now: Timestamp, end: i32, count: i32, piece: T) -> Offer<T> {
        if count < 0 || end < self.at || (end == self.at && count > 0) {
            return Offer::Known;
        }
        match self.at.checked_add(count) {
            Some(next) if next == end => {
                self.at = end;
                Offer::Next(piece)
            }
            // It begins before the position and ends behind it: one of both is wrong.
            Some(next) if next > end => Offer::Broken,
            _ => self.postpone(now, end, count, piece),
        }
    }

    /// Keeps a piece for after the fetch that is under way.
    pub(crate) fn postpone(&mut self, now: Timestamp, end: i32, count: i32, piece: T) -> Offer<T> {
        if self.early.len() >= EARLY_MAX {
            return Offer::Broken;
        }
        self.early.insert((end, self.arrivals), Early { count, piece });
        self.arrivals = self.arrivals.wrapping_add(1);
        self.gap_since.get_or_insert(now);
        Offer::Early
    }

    /// The next piece whose turn has come among those that waited.
    pub(crate) fn next_early(&mut self) -> Option<(i32, T)> {
        while let Some((&(end, arrival), early)) = self.early.first_key_value() {
            let known = end < self.at || (end == self.at && early.count > 0);
            let fits = self.at.checked_add(early.count) == Some(end);
            if !known && !fits {
                return None;
            }
            let early = self.early.remove(&(end, arrival))?;
            if self.early.is_empty() {
                self.gap_since = None;
            }
            if fits && !known {
                self.at = end;
                return Some((end, early.piece));
            }
        }
        self.gap_since = None;
        None
    }

    /// Goes where the server says, even back, if its numbering has begun anew. What still waits
    /// begins its wait anew.
    pub(crate) fn jump(&mut self, now: Timestamp, to: i32) {
        self.at = to;
        self.gap_since = self.has_gap().then_some(now);
    }

    /// Drops what waits, because a fetch will bring it.
    pub(crate) fn forget_early(&mut self) {
        self.early.clear();
        self.gap_since = None;
    }

    /// Whether pieces wait for one before them.
    pub(crate) fn has_gap(&self) -> bool {
        !self.early.is_empty()
    }

    /// Until when to wait for what is missing.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.gap_since.map(|since| since + GAP_WAIT)
    }
}

/// How long a missing piece may be late before it is fetched.
// Spec: api/updates#recovering-gaps.
const GAP_WAIT: Duration = Duration::from_millis(500);
/// Pieces that may wait; a gap this long is fetched at once.
const EARLY_MAX: usize = 512;
