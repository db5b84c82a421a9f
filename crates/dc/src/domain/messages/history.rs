//! Pages of one dialog's history.

use std::ops::Bound::{Excluded, Included, Unbounded};

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Read, StoreError, Within};

use crate::domain::dialogs;
use crate::record::MessageRow;
use crate::tables::{History, Messages};

/// Which part of a history is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Page {
    /// Start below this id; from the newest if absent.
    pub(crate) offset_id: Option<MessageId>,
    /// Start below this date, where no id is given.
    pub(crate) offset_date: Option<i32>,
    /// Skip so many older messages, or begin so many newer ones if negative.
    pub(crate) add_offset: i32,
    pub(crate) limit: usize,
    /// Only below this id.
    pub(crate) max_id: Option<MessageId>,
    /// Only above this id.
    pub(crate) min_id: Option<MessageId>,
}

/// A part of a history, the newest message first.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) messages: Vec<(MessageId, MessageRow)>,
    /// How many messages the whole history has.
    pub(crate) count: usize,
}

/// Most messages that are counted one by one to say how long a history is.
pub(crate) const COUNT_MAX: usize = 1_000_000;

/// Reads one page.
///
/// The position is that of the offset moved by `add_offset`; then `limit`, then the id bounds.
///
/// Spec: core.telegram.org/api/offsets.
pub(crate) fn page(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    page: Page,
) -> Result<Slice, StoreError> {
    let start = match (page.offset_id, page.offset_date) {
        (None, Some(date)) => first_at(db, owner, peer, date)?,
        (id, _) => id,
    };
    let newer = usize::try_from(-i64::from(page.add_offset)).unwrap_or(0);
    let skip = usize::try_from(page.add_offset).unwrap_or(0);

    let mut ids = Vec::new();
    if newer > 0 {
        // Newer messages than the offset, the farthest first, as many as fit the page.
        let above = start.map_or(Excluded(MessageId::MAX), Included);
        let rows = db.range::<History>(Within((owner, peer), (above, Unbounded))).take(newer);
        ids = rows.map(|row| row.map(|((_, _, id), ())| id)).collect::<Result<Vec<_>, _>>()?;
        ids.reverse();
    }
    if ids.len() < page.limit {
        let below = start.map_or(Unbounded, Excluded);
        let rest = page.limit - ids.len();
        let rows = db
            .range_rev::<History>(Within((owner, peer), (Unbounded, below)))
            .skip(skip)
            .take(rest);
        for row in rows {
            let ((_, _, id), ()) = row?;
            ids.push(id);
        }
    }
    ids.truncate(page.limit);
    ids.retain(|id| {
        page.max_id.is_none_or(|max| *id < max) && page.min_id.is_none_or(|min| *id > min)
    });

    let mut messages = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(message) = db.get::<Messages>(&(owner, id))? {
            messages.push((id, message));
        }
    }
    let count = dialogs::find(db, owner, peer)?.map_or(0, |dialog| dialog.messages);
    Ok(Slice { messages, count: usize::try_from(count).unwrap_or(usize::MAX) })
}

/// The oldest message at or after `date`. Dates grow with ids, so the search halves the range.
pub(crate) fn first_at(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    date: i32,
) -> Result<Option<MessageId>, StoreError> {
    let (mut low, mut high) = (MessageId::MIN.get(), MessageId::MAX.get());
    let mut found = None;
    while low < high {
        let middle = MessageId::new(low + (high - low) / 2).unwrap_or(MessageId::MIN);
        let next = db.first::<History>(Within((owner, peer), middle..))?;
        let Some(((_, _, id), ())) = next else {
            high = middle.get();
            continue;
        };
        if db.get::<Messages>(&(owner, id))?.is_some_and(|message| message.date < date) {
            low = id.get() + 1;
        } else {
            found = Some(id);
            high = middle.get();
        }
    }
    Ok(found)
}
