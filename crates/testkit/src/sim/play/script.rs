//! A list of steps out of a seed: which things people do, how often, and how close together.

use super::action::{Action, Step};
use crate::sim::dice::Dice;
use crate::sim::disk::{Mishap, Outage};

/// What happens in the world of a seed.
pub(in crate::sim) fn write(seed: u64) -> Vec<Step> {
    let mut dice = Dice::new(seed, "script", 0);
    let len = dice.between(STEPS_MIN, STEPS_MAX);
    // Some worlds are in a hurry.
    let pause_ms_max = if dice.permille(300) { 60 } else { dice.between(200, 2_500) };
    let disasters_max = dice.below(4);
    let mut disasters = 0;
    let mut steps = Vec::new();
    while steps.len() < usize::try_from(len).unwrap_or(0) {
        let action = draw(&mut dice);
        if is_disaster(&action) {
            if disasters == disasters_max {
                continue;
            }
            disasters += 1;
        }
        steps.push(Step { pause_ms: dice.below(pause_ms_max + 1), action });
    }
    steps
}

const STEPS_MIN: u64 = 12;
const STEPS_MAX: u64 = 100;

fn is_disaster(action: &Action) -> bool {
    matches!(action, Action::Crash { .. } | Action::Mishap { .. })
}

/// Fills an action in.
type Draw = fn(&mut Dice) -> Action;

/// What is drawn how often, out of the sum of all.
const WEIGHTS: [(u64, Draw); 30] = [
    (300, |dice| Action::Say { seat: any(dice), to: any(dice), words: dice.place(30) }),
    (30, |dice| Action::Burst { seat: any(dice), to: any(dice), count: 2 + dice.place(8) }),
    (50, |dice| Action::Repeat { seat: any(dice), which: any(dice) }),
    (50, |dice| Action::Reply { seat: any(dice), to: any(dice), which: any(dice) }),
    (50, |dice| Action::Edit { seat: any(dice), to: any(dice), which: any(dice) }),
    (40, |dice| Action::Delete {
        seat: any(dice),
        to: any(dice),
        which: any(dice),
        count: 1 + dice.place(4),
        for_all: dice.permille(500),
    }),
    (12, |dice| Action::Clear {
        seat: any(dice),
        to: any(dice),
        just_clear: dice.permille(500),
        for_all: dice.permille(500),
    }),
    (50, |dice| Action::Read { seat: any(dice), to: any(dice), which: any(dice) }),
    (30, |dice| Action::Forward {
        seat: any(dice),
        from: any(dice),
        to: any(dice),
        which: any(dice),
    }),
    (30, |dice| Action::Pin {
        seat: any(dice),
        to: any(dice),
        which: any(dice),
        pinned: dice.permille(650),
        for_both: dice.permille(600),
    }),
    (10, |dice| Action::Typing { seat: any(dice), to: any(dice) }),
    (10, |dice| Action::Rename { seat: any(dice) }),
    (40, |dice| Action::Press { seat: any(dice), which: any(dice) }),
    (16, |dice| Action::SendFile { seat: any(dice), to: any(dice), bytes: 1 + dice.place(20_000) }),
    (4, |dice| Action::SendFile { seat: any(dice), to: any(dice), bytes: 1 + dice.place(600_000) }),
    (20, |dice| Action::History { seat: any(dice), to: any(dice) }),
    (15, |dice| Action::Difference { seat: any(dice) }),
    (10, |dice| Action::Draft { seat: any(dice), to: any(dice) }),
    (10, |dice| Action::PinDialog { seat: any(dice), to: any(dice), pinned: dice.permille(600) }),
    (10, |dice| Action::MarkUnread { seat: any(dice), to: any(dice), unread: dice.permille(600) }),
    (12, |dice| Action::LogIn { person: any(dice), fresh_key: dice.permille(60) }),
    (8, |dice| Action::LogOut { seat: any(dice) }),
    (25, |dice| Action::Restart { seat: any(dice) }),
    (30, |dice| Action::Disconnect { seat: any(dice) }),
    (15, |dice| Action::SlowDown { seat: any(dice), pause_ms: dice.between(500, 20_000) }),
    (8, |_| Action::DisconnectBot),
    (14, |dice| Action::Crash {
        outage: Outage::Kill,
        down_ms: dice.between(50, 9_000),
        // Only here: a power cut may cost the watermark, which is then no witness.
        flipped: dice.permille(350),
    }),
    (12, |dice| Action::Crash {
        outage: Outage::Power,
        down_ms: dice.between(50, 9_000),
        flipped: false,
    }),
    (22, |dice| Action::Mishap {
        mishap: [Mishap::Torn, Mishap::Unsaid, Mishap::SyncFailed, Mishap::Full][dice.place(4)],
        down_ms: dice.between(500, 20_000),
    }),
    (6, |dice| Action::FullDisk { for_ms: dice.between(500, 20_000) }),
];

fn draw(dice: &mut Dice) -> Action {
    let sum = WEIGHTS.iter().map(|(weight, _)| weight).sum();
    let mut left = dice.below(sum);
    for (weight, make) in WEIGHTS {
        if left < weight {
            return make(dice);
        }
        left -= weight;
    }
    unreachable!("what is drawn is less than the sum")
}

/// Any of the things that there will be then.
fn any(dice: &mut Dice) -> usize {
    dice.place(1 << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_script_and_another_seed_another() {
        assert_eq!(write(7), write(7));
        assert_ne!(write(7), write(8));
    }

    #[test]
    fn everything_is_drawn_some_day() {
        let name = |action: &Action| format!("{action:?}").split(' ').next().map(str::to_owned);
        let all: std::collections::BTreeSet<_> =
            (0..200).flat_map(write).filter_map(|step| name(&step.action)).collect();
        // Files are small or large, crashes of two kinds.
        assert_eq!(all.len(), WEIGHTS.len() - 2, "{all:?}");
    }
}
