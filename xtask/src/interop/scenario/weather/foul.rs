//! What a cable does to bytes in foul weather.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use super::dice::Dice;
use crate::interop::cable::{Passage, Way, Weather};

/// A kind of weather.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Foul {
    /// None.
    Fair,
    /// A bit is turned over here and there.
    Flips,
    /// The cable breaks in the middle of a frame.
    Tears,
    /// Something arrives twice.
    Echoes,
    /// Something arrives after what was said later.
    Shuffles,
    /// Everything takes its time.
    Delays,
    /// The client hardly reads.
    Drips,
}

/// Weather that changes, over any number of cables.
#[derive(Clone)]
pub(super) struct Changing(Arc<Sky>);

struct Sky {
    now: Mutex<Foul>,
    seed: u64,
    /// How often something was spoilt.
    spoilt: AtomicU64,
}

impl Changing {
    /// Fair, to begin with.
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(Sky { now: Mutex::new(Foul::Fair), seed, spoilt: AtomicU64::new(0) }))
    }

    pub(super) fn change(&self, to: Foul) {
        *self.0.now.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// How often something was spoilt so far.
    pub(super) fn spoilt(&self) -> u64 {
        self.0.spoilt.load(Ordering::Relaxed)
    }
}

impl Weather for Changing {
    fn passage(&self, link: u64, way: Way) -> Box<dyn Passage> {
        let direction = if way == Way::Up { 1 } else { 2 };
        let dice = Dice::new(self.0.seed ^ (link << 2 | direction));
        Box::new(Open { sky: Arc::clone(&self.0), way, dice, held: Vec::new() })
    }
}

/// A direction of a link under a changing sky.
struct Open {
    sky: Arc<Sky>,
    way: Way,
    dice: Dice,
    /// What will arrive after what comes next.
    held: Vec<u8>,
}

impl Passage for Open {
    fn carry(&mut self, chunk: &[u8], far: &mut dyn Write) -> io::Result<()> {
        let now = *self.sky.now.lock().unwrap_or_else(PoisonError::into_inner);
        match now {
            Foul::Flips if self.strikes() => self.flip(chunk, far),
            Foul::Tears if self.strikes() => {
                let kept = self.dice.below(chunk.len());
                far.write_all(&chunk[..kept])?;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Foul::Echoes if self.strikes() => {
                far.write_all(chunk)?;
                far.write_all(chunk)
            }
            Foul::Shuffles if self.held.is_empty() && self.strikes() => {
                self.held = chunk.to_vec();
                Ok(())
            }
            Foul::Delays => {
                self.spoil();
                sleep(Duration::from_millis(20 + self.dice.below(300) as u64));
                far.write_all(chunk)
            }
            Foul::Drips if self.way == Way::Down => self.drip(chunk, far),
            _ => {
                far.write_all(chunk)?;
                far.write_all(&std::mem::take(&mut self.held))
            }
        }
    }
}

impl Open {
    /// Whether this chunk is spoilt.
    fn strikes(&mut self) -> bool {
        let strikes = self.dice.is_one_in(STRIKES_ONE_IN);
        if strikes {
            self.spoil();
        }
        strikes
    }

    fn spoil(&self) {
        self.sky.spoilt.fetch_add(1, Ordering::Relaxed);
    }

    fn flip(&mut self, chunk: &[u8], far: &mut dyn Write) -> io::Result<()> {
        let mut chunk = chunk.to_vec();
        let (byte, bit) = (self.dice.below(chunk.len()), self.dice.below(8));
        chunk[byte] ^= 1 << bit;
        far.write_all(&chunk)
    }

    fn drip(&self, chunk: &[u8], far: &mut dyn Write) -> io::Result<()> {
        for drop in chunk.chunks(DROP_BYTES) {
            self.spoil();
            far.write_all(drop)?;
            // The rest of what was read before the weather changed comes at once.
            if *self.sky.now.lock().unwrap_or_else(PoisonError::into_inner) == Foul::Drips {
                sleep(Duration::from_millis(50));
            }
        }
        Ok(())
    }
}

/// Of how many chunks one is spoilt.
const STRIKES_ONE_IN: usize = 4;
/// What a client that hardly reads takes at once, 20 times a second.
const DROP_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    /// What arrives of numbered chunks, and how often something was spoilt.
    fn carried(foul: Foul, chunks: u8) -> (Vec<u8>, u64) {
        let sky = Changing::new(7);
        sky.change(foul);
        let mut passage = sky.passage(0, Way::Up);
        let mut arrived = Vec::new();
        for number in 0..chunks {
            if passage.carry(&[number; 8], &mut arrived).is_err() {
                break;
            }
        }
        (arrived, sky.spoilt())
    }

    #[test]
    fn in_fair_weather_everything_arrives_as_it_is() {
        let (arrived, spoilt) = carried(Foul::Fair, 50);
        let sent: Vec<u8> = (0..50).flat_map(|number| [number; 8]).collect();
        assert_eq!((arrived, spoilt), (sent, 0));
    }

    #[test]
    fn flips_turn_one_bit_for_each_time_they_strike() {
        let (arrived, spoilt) = carried(Foul::Flips, 50);
        let wrong: u32 = (0..50_u8)
            .flat_map(|number| [number; 8])
            .zip(&arrived)
            .map(|(sent, arrived)| (sent ^ arrived).count_ones())
            .sum();
        assert!(spoilt > 0);
        assert_eq!(u64::from(wrong), spoilt);
    }

    #[test]
    fn tears_break_off_in_the_middle() {
        let (arrived, spoilt) = carried(Foul::Tears, 50);
        assert_eq!(spoilt, 1);
        assert!(arrived.len() < 50 * 8);
    }

    #[test]
    fn echoes_and_shuffles_lose_nothing_of_what_is_sent() {
        let (arrived, spoilt) = carried(Foul::Echoes, 50);
        assert_eq!(arrived.len() as u64, (50 + spoilt) * 8);
        let (mut arrived, spoilt) = carried(Foul::Shuffles, 50);
        assert!(spoilt > 0 && !arrived.is_sorted());
        arrived.sort_unstable();
        arrived.dedup();
        assert!(arrived.len() >= 49, "{arrived:?}");
    }
}
