//! Updates on their way to the bot: one persistent queue per bot, drained by polling or by a
//! webhook.

mod feed;
mod kinds;
mod poll;
mod queue;
mod schedule;
mod settings;
mod trust;
mod webhook;

pub use feed::{Feed, NewUpdate};
pub use kinds::{Allowed, UpdateKind};
pub(crate) use poll::Poll;
pub(crate) use queue::Queue;
pub(crate) use settings::{Hook, is_reserved};
pub(crate) use webhook::{Call, Courier, Errand, Health, verify};
