//! How bad the network of a world is.

use super::cable::Cut;
use crate::sim::dice::Dice;

/// What connections go through. One world has one weather, until it is calmed.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Weather {
    /// A piece is under way at most so long.
    pub(super) delay_ms_max: u64,
    /// A write is cut into at most so many pieces.
    pub(super) pieces_max: u64,
    /// Bytes that a direction holds before its writer waits.
    pub(super) window_bytes: usize,
    /// How many connections in a thousand do not come about.
    pub(super) refused_permille: u64,
    /// How many connections in a thousand break by themselves.
    pub(super) doomed_permille: u64,
    /// How long those live at most.
    pub(super) life_ms_max: u64,
    /// How long a connection that fell silent is believed in at most.
    pub(super) silence_ms_max: u64,
}

impl Weather {
    /// Nothing happens to anybody.
    pub(in crate::sim) const CALM: Self = Self {
        delay_ms_max: 2,
        pieces_max: 1,
        window_bytes: 256 << 10,
        refused_permille: 0,
        doomed_permille: 0,
        life_ms_max: 0,
        silence_ms_max: 0,
    };

    /// The weather of one world: most are mild, some are awful.
    pub(in crate::sim) fn draw(dice: &mut Dice) -> Self {
        let is_awful = dice.permille(250);
        let (delay, doomed, life) = if is_awful { (800, 900, 15_000) } else { (120, 400, 60_000) };
        Self {
            delay_ms_max: dice.between(1, delay),
            pieces_max: dice.between(1, 4),
            window_bytes: usize::try_from(dice.between(2 << 10, 96 << 10)).unwrap_or(4 << 10),
            refused_permille: dice.below(if is_awful { 400 } else { 60 }),
            doomed_permille: dice.below(doomed),
            life_ms_max: dice.between(500, life),
            silence_ms_max: dice.between(1_000, 40_000),
        }
    }

    /// When and how a new connection will break, if it does.
    pub(super) fn fate(&self, dice: &mut Dice) -> Option<(u64, Cut)> {
        if !dice.permille(self.doomed_permille) {
            return None;
        }
        let life_ms = dice.between(1, self.life_ms_max);
        Some((life_ms, self.cut(dice)))
    }

    /// A way to break.
    pub(super) fn cut(&self, dice: &mut Dice) -> Cut {
        match dice.below(4) {
            0 => Cut::Reset,
            1 => Cut::Torn { by: 0 },
            2 => Cut::Torn { by: 1 },
            _ => Cut::Silence { for_ms: dice.between(500, self.silence_ms_max.max(500)) },
        }
    }
}
