//! What people do in a world: the list of it, made from a seed, and how each thing is done.

mod action;
mod chronicle;
mod deeds;
mod script;
mod stage;
mod trouble;

pub use action::{Action, Step, Whom};
pub(super) use chronicle::{Chronicle, Fate, Said, bot_mark_of, mark_of};
pub(super) use script::write;
pub(super) use stage::Stage;
