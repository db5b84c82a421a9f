//! Which parts of an upload have arrived; the same bookkeeping on disk and in memory.

use std::collections::BTreeMap;

use super::{BlobError, Part};
use crate::Limits;

/// Lengths of the parts that have arrived, by number.
#[derive(Debug, Default)]
pub(super) struct Parts {
    lens: BTreeMap<u32, u32>,
}

impl Parts {
    /// Refuses a part that is outside the limits; returns its length.
    pub(super) fn check(number: u32, bytes: &[u8], limits: &Limits) -> Result<u32, BlobError> {
        if number >= limits.upload_parts_max {
            return Err(BlobError::PartNumber { found: number, limit: limits.upload_parts_max });
        }
        let size = || BlobError::PartSize { found: bytes.len(), limit: limits.part_bytes_max };
        if bytes.is_empty() || bytes.len() > limits.part_bytes_max {
            return Err(size());
        }
        u32::try_from(bytes.len()).map_err(|_| size())
    }

    /// Notes a part that is safely kept.
    pub(super) fn insert(&mut self, number: u32, len: u32) {
        self.lens.insert(number, len);
    }

    /// The parts that have arrived, in order.
    pub(super) fn list(&self) -> Vec<Part> {
        self.lens.iter().map(|(&number, &len)| Part { number, len }).collect()
    }

    /// The parts `0..count`, if all are there.
    pub(super) fn complete(&self, count: u32, limits: &Limits) -> Result<Vec<Part>, BlobError> {
        if count == 0 || count > limits.upload_parts_max {
            return Err(BlobError::PartNumber { found: count, limit: limits.upload_parts_max });
        }
        let part = |number| {
            let len = self.lens.get(&number).ok_or(BlobError::PartMissing(number))?;
            Ok(Part { number, len: *len })
        };
        (0..count).map(part).collect()
    }
}
