//! The update log from one position on, for whoever missed it.

use std::ops::Bound::{Excluded, Unbounded};

use heliogram_ids::{Pts, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Read, StoreError, Within};

use crate::record::UpdateRow;
use crate::tables::Updates;

/// Rows of one log that follow each other without a gap.
#[derive(Debug)]
pub(crate) struct Rows {
    /// Every row with its position.
    pub(crate) rows: Vec<(Pts, UpdateRow)>,
    /// Whether the log goes on behind them.
    pub(crate) more: bool,
}

/// Up to `limit` rows behind `after`.
pub(crate) fn since(
    db: &dyn View,
    owner: UserId,
    after: Pts,
    limit: usize,
) -> Result<Rows, StoreError> {
    let mut rows = Vec::new();
    for row in db.range::<Updates>(Within(owner, (Excluded(after), Unbounded))) {
        let ((_, pts), event) = row?;
        if rows.len() == limit {
            return Ok(Rows { rows, more: true });
        }
        rows.push((pts, event));
    }
    Ok(Rows { rows, more: false })
}
