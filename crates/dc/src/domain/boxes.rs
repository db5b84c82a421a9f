//! An account's common box: message ids, and the update log with one row for each pts.

use heliogram_ids::{MessageId, Pts, PtsCount, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Read, StoreError, Txn};

use crate::error::{Rpc, RpcError};
use crate::fanout::Outbox;
use crate::record::{BoxState, UpdateRow};
use crate::tables::{Boxes, Updates};

/// The counters of `owner`'s box; a box that was never written to stands at the start.
pub(crate) fn state(db: &dyn View, owner: UserId) -> Result<BoxState, StoreError> {
    Ok(db.get::<Boxes>(&owner)?.unwrap_or_default())
}

/// Gives out the next message id of `owner`'s box.
pub(crate) fn next_message(txn: &mut Txn, owner: UserId) -> Rpc<MessageId> {
    let mut state = state(txn, owner)?;
    let next = state.last_message.map_or(Some(MessageId::MIN), MessageId::next);
    state.last_message = next;
    txn.put::<Boxes>(&owner, &state)?;
    next.ok_or(RpcError::INTERNAL)
}

/// Appends one event to `owner`'s log, and remembers to tell the live sessions.
pub(crate) fn append(
    txn: &mut Txn,
    outbox: &mut Outbox,
    owner: UserId,
    event: &UpdateRow,
) -> Rpc<Pts> {
    let mut state = state(txn, owner)?;
    state.pts = state.pts.advance(PtsCount::ONE);
    txn.put::<Boxes>(&owner, &state)?;
    txn.put::<Updates>(&(owner, state.pts), event)?;
    outbox.logged(owner, state.pts);
    Ok(state.pts)
}
