//! What names alone cannot tell: fields that moved, types that changed, constructors that split.
//!
//! Translation is valid without any of this; each rule keeps a meaning that would be lost. Rules
//! speak in the schema's names, and a test asks the history for every one of them.

pub(super) mod coercions;
pub(super) mod fallbacks;
pub(super) mod fields;
mod gifts;
pub(super) mod keyboards;
pub(super) mod legacy;
pub(super) mod objects;
mod peers;
mod polls;
pub(super) mod stand_ins;
