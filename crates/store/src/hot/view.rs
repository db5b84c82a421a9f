//! A moment of an engine, seen through the hot rows.

use std::sync::Arc;

use bytes::Bytes;

use super::HotRows;
use super::plan::Home;
use super::scan::HotScan;
use crate::engine::{Order, Scan, View};
use crate::{ByteRange, StoreError};

/// The view of commit `seq`: it reads what the engine's own view would, mostly without asking it.
pub(crate) struct HotView {
    engine: Box<dyn View>,
    hot: Arc<HotRows>,
    seq: u64,
}

impl HotView {
    pub(super) fn new(engine: Box<dyn View>, hot: Arc<HotRows>, seq: u64) -> Self {
        Self { engine, hot, seq }
    }

    pub(super) fn engine(&self) -> &dyn View {
        &*self.engine
    }

    pub(super) fn hot(&self) -> &HotRows {
        &self.hot
    }

    pub(super) const fn seq(&self) -> u64 {
        self.seq
    }
}

impl View for HotView {
    fn fetch(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        if self.hot.plan().home(key) != Some(Home::Row) {
            return self.engine.fetch(key);
        }
        if let Some(value) = self.hot.row(self.seq, key) {
            return Ok(value);
        }
        let value = self.engine.fetch(key)?;
        self.hot.keep_row(self.seq, key, value.as_ref());
        Ok(value)
    }

    fn scan<'a>(&'a self, range: &ByteRange, order: Order) -> Scan<'a> {
        match self.hot.plan().lead(range) {
            Some(lead) if !range.is_empty() => Box::new(HotScan::new(self, lead, range, order)),
            _ => self.engine.scan(range, order),
        }
    }
}
