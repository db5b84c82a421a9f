//! What lies between a stranger and the cloud: a cable that can be cut and mended, and the weather
//! that may spoil what runs over it.

mod lay;
mod weather;

pub(super) use lay::Cable;
pub(super) use weather::{Fair, Passage, Way, Weather};
