//! What is above all connections of a world: who has which, the weather, and when it clears up.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use heliogram_net::Clock;
use parking_lot::Mutex;

use super::cable::{Cable, Cut, Wire};
use super::weather::Weather;
use crate::sim::dice::Dice;
use crate::sim::trace::Trace;

/// Whose a connection is: the end that dialled.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::sim) enum Owner {
    /// A session of a person, by its number.
    Seat(usize),
    /// The bot, of the Bot API.
    Bot,
}

/// All connections of a world.
#[derive(Debug)]
pub(in crate::sim) struct Sky {
    seed: u64,
    clock: Clock,
    trace: Trace,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    weather: Weather,
    dice: Dice,
    next: u64,
    wires: BTreeMap<u64, (Owner, Weak<Wire>)>,
}

impl Sky {
    pub(in crate::sim) fn new(
        seed: u64,
        weather: Weather,
        clock: Clock,
        trace: Trace,
    ) -> Arc<Self> {
        let dice = Dice::new(seed, "sky", 0);
        let state = State { weather, dice, next: 0, wires: BTreeMap::new() };
        Arc::new(Self { seed, clock, trace, state: Mutex::new(state) })
    }

    /// Before a connection: how long it takes, and whether it comes about at all.
    pub(in crate::sim) fn dial(&self) -> (Duration, bool) {
        let State { weather, dice, .. } = &mut *self.state.lock();
        let delay = Duration::from_millis(dice.below(weather.delay_ms_max + 1));
        (delay, !dice.permille(weather.refused_permille))
    }

    /// A new connection: the end that dialled, and the other.
    pub(in crate::sim) fn lay(self: &Arc<Self>, owner: Owner) -> (Cable, Cable) {
        let (number, weather) = {
            let mut state = self.state.lock();
            state.next += 1;
            (state.next, state.weather)
        };
        let dice = Dice::new(self.seed, "wire", number);
        let (wire, near, far) = Wire::lay(self, (number, owner), dice, &weather);
        self.trace.note("dial", number, format!("{owner:?}").as_bytes());
        let mut state = self.state.lock();
        state.wires.retain(|_, (_, wire)| wire.strong_count() > 0);
        state.wires.insert(number, (owner, Arc::downgrade(&wire)));
        (near, far)
    }

    /// Breaks all connections of somebody.
    pub(in crate::sim) fn cut(&self, owner: Owner) {
        for wire in self.wires(|one| one == owner) {
            let cut = {
                let State { weather, dice, .. } = &mut *self.state.lock();
                weather.cut(dice)
            };
            wire.cut(cut);
        }
    }

    /// Breaks all connections, because the side that was dialled is no more.
    pub(in crate::sim) fn kill_servers(&self) {
        for wire in self.wires(|_| true) {
            let State { weather, dice, .. } = &mut *self.state.lock();
            // If the machine is gone as well, nobody is left to say so.
            let cut = if weather.silence_ms_max > 0 && dice.permille(200) {
                Cut::Silence { for_ms: dice.between(500, weather.silence_ms_max.max(500)) }
            } else {
                Cut::Torn { by: 1 }
            };
            wire.kill(cut);
        }
    }

    /// Somebody does not read for a while.
    pub(in crate::sim) fn slow_down(&self, owner: Owner, pause: Duration) {
        for wire in self.wires(|one| one == owner) {
            wire.slow_down(pause);
        }
    }

    /// From now on nothing happens to anybody.
    pub(in crate::sim) fn calm(&self) {
        self.state.lock().weather = Weather::CALM;
        for wire in self.wires(|_| true) {
            wire.calm();
        }
    }

    pub(super) fn weather(&self) -> Weather {
        self.state.lock().weather
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn trace(&self) -> &Trace {
        &self.trace
    }

    fn wires(&self, wanted: impl Fn(Owner) -> bool) -> Vec<Arc<Wire>> {
        let state = self.state.lock();
        let wanted = state.wires.values().filter(|(owner, _)| wanted(*owner));
        wanted.filter_map(|(_, wire)| wire.upgrade()).collect()
    }
}
