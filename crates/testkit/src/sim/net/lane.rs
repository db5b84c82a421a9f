//! One direction of a connection: bytes under way, and when each piece of them is there.

use std::collections::VecDeque;
use std::task::Waker;
use std::time::Duration;

use heliogram_ids::Timestamp;

use super::weather::Weather;
use crate::sim::dice::Dice;

/// From one end to the other.
#[derive(Debug)]
pub(super) struct Lane {
    flying: VecDeque<(Timestamp, Vec<u8>)>,
    /// Bytes that were written and not read.
    unread: usize,
    /// When the last piece is there: no piece overtakes another.
    last_due: Timestamp,
    /// The reader does not look before then.
    paused: Timestamp,
    /// The writer has said that nothing more will come.
    pub(super) ended: bool,
    pub(super) reader: Option<Waker>,
    pub(super) writer: Option<Waker>,
}

/// What a reader finds.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Found {
    Bytes(Vec<u8>),
    End,
    /// Nothing yet; something at that time, if it is known when.
    Nothing(Option<Timestamp>),
}

impl Lane {
    /// Nothing is under way.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            flying: VecDeque::new(),
            unread: 0,
            last_due: now,
            paused: now,
            ended: false,
            reader: None,
            writer: None,
        }
    }

    /// How many more bytes may be written now.
    pub(super) fn room(&self, weather: &Weather) -> usize {
        weather.window_bytes.saturating_sub(self.unread)
    }

    /// Sends bytes off, in pieces.
    pub(super) fn write(
        &mut self,
        now: Timestamp,
        mut bytes: &[u8],
        weather: &Weather,
        dice: &mut Dice,
    ) {
        self.unread += bytes.len();
        let pieces = dice.between(1, weather.pieces_max);
        for left in (1..=pieces).rev() {
            let len = if left == 1 { bytes.len() } else { dice.place(bytes.len() + 1) };
            let (piece, rest) = bytes.split_at(len);
            bytes = rest;
            if !piece.is_empty() {
                let delay = Duration::from_millis(dice.below(weather.delay_ms_max + 1));
                self.last_due = self.last_due.max(now + delay);
                self.flying.push_back((self.last_due, piece.to_vec()));
            }
        }
        wake(&mut self.reader);
    }

    /// Takes up to `max` of the bytes that are there by now.
    pub(super) fn read(&mut self, now: Timestamp, max: usize) -> Found {
        if self.paused > now {
            return Found::Nothing(Some(self.paused));
        }
        let mut taken = Vec::new();
        while taken.len() < max {
            let Some((due, piece)) = self.flying.front_mut() else { break };
            if *due > now {
                break;
            }
            let len = piece.len().min(max - taken.len());
            taken.extend(piece.drain(..len));
            if piece.is_empty() {
                self.flying.pop_front();
            }
        }
        if !taken.is_empty() {
            self.unread -= taken.len();
            wake(&mut self.writer);
            return Found::Bytes(taken);
        }
        match self.flying.front() {
            Some((due, _)) => Found::Nothing(Some(*due)),
            None if self.ended => Found::End,
            None => Found::Nothing(None),
        }
    }

    /// The reader looks away until then.
    pub(super) fn pause(&mut self, until: Timestamp) {
        self.paused = self.paused.max(until);
    }

    /// Loses what is under way, but for so many of its first pieces, after which the stream ends.
    pub(super) fn tear(&mut self, kept: usize) {
        self.flying.truncate(kept);
        self.ended = true;
        self.wake();
    }

    pub(super) fn pieces(&self) -> usize {
        self.flying.len()
    }

    pub(super) fn wake(&mut self) {
        wake(&mut self.reader);
        wake(&mut self.writer);
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1);

    #[test]
    fn bytes_arrive_in_order_however_they_are_cut() {
        let weather = Weather { delay_ms_max: 50, pieces_max: 4, ..Weather::CALM };
        for seed in 0..100 {
            let (mut lane, mut dice) = (Lane::new(NOW), Dice::new(seed, "lane", 0));
            let sent: Vec<u8> = (0..200).collect();
            for part in sent.chunks(37) {
                lane.write(NOW, part, &weather, &mut dice);
            }
            let (mut now, mut heard) = (NOW, Vec::new());
            while heard.len() < sent.len() {
                match lane.read(now, 11) {
                    Found::Bytes(bytes) => heard.extend(bytes),
                    Found::Nothing(Some(due)) => now = due,
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(heard, sent);
            assert!(now <= NOW + Duration::from_millis(50));
            assert_eq!(lane.room(&weather), weather.window_bytes);
        }
    }

    #[test]
    fn a_torn_lane_ends_early() {
        let (mut lane, mut dice) = (Lane::new(NOW), Dice::new(1, "lane", 0));
        for part in [b"one", b"two"] {
            lane.write(NOW, part, &Weather { delay_ms_max: 0, ..Weather::CALM }, &mut dice);
        }
        lane.tear(1);
        assert_eq!(lane.read(NOW, 100), Found::Bytes(b"one".to_vec()));
        assert_eq!(lane.read(NOW, 100), Found::End);
    }
}
