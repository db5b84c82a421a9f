//! The proving ground: the whole system in one thread, under a clock that stands still while anybody
//! has something to do, over a network and a disk that fail as a seed decides.
//!
//! A world is a pure function of its seed and its [`Step`]s: [`run`] it twice and every byte is the
//! same. What people were told is held against what is there afterwards (`check`).
//! A seed that fails is made smaller by leaving out steps ([`shrink()`]), and is repeated by one line.
//!
//! The layers, outside in: `world` puts it together and judges; `play` is what people do;
//! `people` are their sessions and the bot; `house` is the machine with the servers on it; `net` and
//! `disk` are what they stand on; `founding` is how all of it begins.

mod check;
mod dice;
mod disk;
mod ears;
mod founding;
mod house;
mod net;
mod people;
mod play;
mod shrink;
mod trace;
mod world;

pub use disk::{Mishap, Outage};
pub use play::{Action, Step, Whom};
pub use shrink::shrink;
pub use trace::Traced;
pub use world::{Outcome, Script, Tally, run};
