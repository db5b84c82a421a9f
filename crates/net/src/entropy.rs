//! Where a process draws its randomness from: a handle that is passed around beside the clock.

use std::fmt;
use std::sync::Arc;

use heliogram_crypto::{Random, SeededRandom};
use parking_lot::Mutex;

use crate::OsRandom;

/// A source of randomness that everybody in a process may share. Cheap to clone.
///
/// It is the operating system's unless a simulation asks for a seeded one. Clones of a seeded source
/// draw from one stream, so a run is repeated only if they draw in the same order.
#[derive(Clone, Default)]
pub struct Entropy(Option<Arc<Mutex<SeededRandom>>>);

impl Entropy {
    /// The operating system's.
    pub const fn system() -> Self {
        Self(None)
    }

    /// The stream that belongs to a seed. Nothing secret may come from it.
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(SeededRandom::new(seed)))))
    }

    /// A uniform number, for those who need no more than one.
    pub fn draw(&self) -> u64 {
        self.clone().u64()
    }
}

impl Random for Entropy {
    fn fill(&mut self, out: &mut [u8]) {
        match &self.0 {
            None => OsRandom.fill(out),
            Some(stream) => stream.lock().fill(out),
        }
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_none() { "Entropy(system)" } else { "Entropy(seeded)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_seeded_source_share_its_stream() {
        let (mut one, mut alone) = (Entropy::seeded(7), Entropy::seeded(7));
        let mut other = one.clone();
        let shared = [one.u64(), other.u64(), one.u64()];
        assert_eq!(shared, [alone.u64(), alone.u64(), alone.u64()]);
    }

    #[test]
    fn the_system_repeats_nothing() {
        assert_ne!(Entropy::system().u64(), Entropy::default().u64());
    }
}
