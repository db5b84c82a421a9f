//! What translation promises, on random values of every definition.

mod down;
mod round_trip;
mod rules;
mod sample;
mod speed;
mod strict;
mod up;

/// Values sampled of each definition and layer.
const SAMPLES: u64 = 4;

/// Values tried before a definition counts as one that a layer refuses.
const TRIES: u64 = 100;
