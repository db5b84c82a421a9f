//! The copies of one message in all boxes that received it.

use heliogram_ids::{MessageId, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError};

use crate::tables::Copies;

/// Who has a copy, and under which id.
pub(crate) fn copies(db: &dyn View, copy: i64) -> Result<Vec<(UserId, MessageId)>, StoreError> {
    db.range::<Copies>(Prefix(copy)).map(|row| row.map(|((_, owner), id)| (owner, id))).collect()
}
