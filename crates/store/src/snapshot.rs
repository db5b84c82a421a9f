//! One moment of all tables, for reading.

use bytes::Bytes;

use crate::engine::{Order, Scan, View};
use crate::{ByteRange, StoreError};

/// One moment of the whole store: whatever commits later does not show.
///
/// Read through [`crate::Read`]. Keep it for one request, not for longer: what it sees cannot be
/// cleaned up while it lives.
pub struct Snapshot {
    view: Box<dyn View>,
}

impl Snapshot {
    pub(crate) const fn new(view: Box<dyn View>) -> Self {
        Self { view }
    }
}

impl View for Snapshot {
    fn fetch(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.view.fetch(key)
    }

    fn scan<'a>(&'a self, range: &ByteRange, order: Order) -> Scan<'a> {
        self.view.scan(range, order)
    }
}
