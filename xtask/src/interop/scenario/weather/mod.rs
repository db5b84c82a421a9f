//! Foul weather: what becomes of a conversation while the cable spoils what runs over it, while a
//! client believes in the wrong data centre, the wrong secret or the wrong time, and afterwards.
//!
//! Alice is out in it; Bob sits in the dry, talks on, and must not notice.

mod dice;
mod foul;
mod out;
mod play;
mod steps;

pub(in crate::interop) use play::perform;
pub(super) use steps::knows;
