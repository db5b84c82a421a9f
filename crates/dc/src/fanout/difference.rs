//! The update log from one position on, for whoever missed it.

use std::ops::Bound::{Excluded, Unbounded};

use heliogram_ids::{Pts, PtsCount, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Read, StoreError, Within};

use crate::domain::boxes;
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

/// Where `owner`'s log goes on for somebody who stands at `at`, where it has never been; none if it
/// has been there.
///
/// After a restored backup the log goes on far behind its end, so that no position is given out
/// twice. Whoever stands in between, or ahead of it all, knows a log that is lost.
pub(crate) fn resumed_at(db: &dyn View, owner: UserId, at: Pts) -> Result<Option<Pts>, StoreError> {
    if at == Pts::START || db.contains::<Updates>(&(owner, at))? {
        return Ok(None);
    }
    match db.first::<Updates>(Within(owner, (Excluded(at), Unbounded)))? {
        Some(((_, next), _)) if next == at.advance(PtsCount::ONE) => Ok(None),
        Some(((_, next), _)) => Ok(Pts::new(next.get() - 1)),
        None => boxes::state(db, owner).map(|state| Some(state.pts)),
    }
}
