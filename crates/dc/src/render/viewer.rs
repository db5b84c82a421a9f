//! Who is looking, at which moment, at which rows.

use heliogram_ids::{AccessHash, Timestamp, UserId};
use heliogram_store::engine::View;

use crate::domain::access::Target;
use crate::world::World;

/// One pair of eyes. Everything rendered belongs to its viewer alone.
#[derive(Clone, Copy)]
pub(crate) struct Viewer<'a> {
    pub(crate) db: &'a dyn View,
    pub(crate) me: UserId,
    pub(crate) now: Timestamp,
    pub(crate) world: &'a World,
}

impl Viewer<'_> {
    /// The hash by which the viewer will name `target`.
    pub(crate) fn access_hash(&self, target: Target) -> AccessHash {
        self.world.access.hash(self.me, target)
    }
}
