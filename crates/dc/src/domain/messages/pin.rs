//! Pinned messages of a dialog.

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError};

use super::{copies, post};
use crate::cx::Writing;
use crate::domain::boxes;
use crate::domain::messages::post::{Draft, Notify, ReplyTo};
use crate::error::{Rpc, RpcError};
use crate::record::{MessageRow, ServiceAction, UpdateRow};
use crate::tables::{Messages, Pins};

/// Who sees a message pinned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Mine,
    Both,
}

/// Pins a message, or takes it down.
///
/// What both sides see pinned is told by a service message below; taking down is told by none.
///
/// # Errors
/// `MESSAGE_ID_INVALID`, `CHAT_NOT_MODIFIED`.
pub(crate) fn set(
    cx: &mut Writing<'_>,
    peer: Peer,
    id: MessageId,
    pinned: bool,
    side: Side,
    notify: Notify,
) -> Rpc<()> {
    let found = cx.db.get::<Messages>(&(cx.me, id))?.filter(|message| message.peer == peer);
    let message = found.ok_or(RpcError::MESSAGE_ID_INVALID)?;
    if message.action.is_some() {
        return Err(RpcError::MESSAGE_ID_INVALID);
    }
    if message.pinned == pinned {
        return Err(RpcError::CHAT_NOT_MODIFIED);
    }

    set_copies(cx, &message, pinned, side)?;
    if pinned && side == Side::Both && peer != Peer::User(cx.me) {
        let reply_to = Some(ReplyTo { id, quote: None });
        let action = Some(ServiceAction::PinMessage);
        post::post(cx, cx.me, peer, Draft { action, reply_to, notify, ..Draft::default() })?;
    }
    Ok(())
}

/// Takes down the pinned messages of a dialog, the newest first; returns how many are left.
pub(crate) fn clear(cx: &mut Writing<'_>, peer: Peer, limit: usize) -> Rpc<usize> {
    let ids = newest(cx.db, cx.me, peer, limit)?;
    for id in &ids {
        match cx.db.get::<Messages>(&(cx.me, *id))? {
            Some(message) => set_copies(cx, &message, false, Side::Both)?,
            None => cx.db.delete::<Pins>(&(cx.me, peer, *id))?,
        }
    }
    Ok(cx.db.count::<Pins>(Prefix((cx.me, peer)), super::history::COUNT_MAX)?)
}

/// The pinned messages of a dialog, the newest first.
pub(crate) fn newest(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    limit: usize,
) -> Result<Vec<MessageId>, StoreError> {
    let rows = db.range_rev::<Pins>(Prefix((owner, peer))).take(limit);
    rows.map(|row| row.map(|((_, _, id), ())| id)).collect()
}

fn set_copies(cx: &mut Writing<'_>, message: &MessageRow, pinned: bool, side: Side) -> Rpc<()> {
    let mut all = copies(cx.db, message.copy)?;
    all.retain(|(owner, _)| side == Side::Both || *owner == cx.me);
    for (owner, id) in all {
        set_copy(cx, owner, id, pinned)?;
    }
    Ok(())
}

fn set_copy(cx: &mut Writing<'_>, owner: UserId, id: MessageId, pinned: bool) -> Rpc<()> {
    let Some(row) = cx.db.get::<Messages>(&(owner, id))? else { return Ok(()) };
    if row.pinned == pinned {
        return Ok(());
    }
    let peer = row.peer;
    cx.db.put::<Messages>(&(owner, id), &MessageRow { pinned, ..row })?;
    if pinned {
        cx.db.put::<Pins>(&(owner, peer, id), &())?;
    } else {
        cx.db.delete::<Pins>(&(owner, peer, id))?;
    }
    boxes::append(cx.db, cx.outbox, owner, &UpdateRow::Pinned { peer, id, pinned })?;
    Ok(())
}
