//! A stock client in the launcher's hands: a process that takes orders and tells what it sees, a
//! line each. `interop/ACTOR.md` is the contract.

mod complaints;
mod inbox;
mod orders;
mod process;
mod things;
mod trouble;

pub(super) use complaints::complaints;
pub(super) use orders::{Line, Who};
pub(super) use process::{ANSWER_WITHIN, Actor, Opening};
pub(super) use things::{Button, Entity, Event, Message, Ready, User};
pub(super) use trouble::{Told, Trouble};
