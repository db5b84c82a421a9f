//! Dialogs: their newest message, what is unread, and their order.

use std::ops::Bound;

use heliogram_ids::{ChannelId, MessageId, Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError, Txn, Within};

use crate::cx::Writing;
use crate::domain::boxes;
use crate::error::{Rpc, RpcError};
use crate::fanout::Notice;
use crate::record::{DialogRow, MessageRow};
use crate::tables::{Boxes, DialogOrder, Dialogs, History, Messages, PinnedDialogs};

/// One dialog, if it exists.
pub(crate) fn find(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
) -> Result<Option<DialogRow>, StoreError> {
    db.get::<Dialogs>(&(owner, peer))
}

/// Changes one dialog, making it if need be, and keeps its place in the order.
pub(crate) fn update<R>(
    txn: &mut Txn,
    owner: UserId,
    peer: Peer,
    change: impl FnOnce(&mut DialogRow) -> R,
) -> Result<R, StoreError> {
    let before = find(txn, owner, peer)?;
    let mut dialog = before.clone().unwrap_or_default();
    let answer = change(&mut dialog);
    if let Some(old) = before.as_ref().and_then(|before| order_key(owner, peer, before)) {
        txn.delete::<DialogOrder>(&old)?;
    }
    if let Some(new) = order_key(owner, peer, &dialog) {
        txn.put::<DialogOrder>(&new, &())?;
    }
    let place = |dialog: &DialogRow| dialog.pinned.map(|place| (owner, place, peer));
    if let Some(old) = before.as_ref().and_then(place) {
        txn.delete::<PinnedDialogs>(&old)?;
    }
    if let Some(new) = place(&dialog) {
        txn.put::<PinnedDialogs>(&new, &())?;
    }
    txn.put::<Dialogs>(&(owner, peer), &dialog)?;
    count_unread(txn, owner, before.as_ref().is_some_and(is_unread), is_unread(&dialog))?;
    Ok(answer)
}

/// Keeps the number of unread dialogs in the row of the box: clients ask for it at every start.
fn count_unread(txn: &mut Txn, owner: UserId, was: bool, is: bool) -> Result<(), StoreError> {
    if was == is {
        return Ok(());
    }
    let mut state = boxes::state(txn, owner)?;
    state.unread_dialogs = Some(match state.unread_dialogs {
        Some(count) if is => count.saturating_add(1),
        Some(count) => count.saturating_sub(1),
        None => recount_unread(txn, owner)?,
    });
    txn.put::<Boxes>(&owner, &state)
}

const fn is_unread(dialog: &DialogRow) -> bool {
    dialog.unread_count > 0 || dialog.unread_mark
}

/// A message arrived: it is the newest now.
pub(crate) fn on_message(
    txn: &mut Txn,
    owner: UserId,
    id: MessageId,
    message: &MessageRow,
) -> Result<(), StoreError> {
    update(txn, owner, message.peer, |dialog| {
        dialog.top_message = Some(id);
        dialog.top_date = message.date;
        dialog.messages += 1;
        if message.out {
            // Who writes has read what stands above.
            dialog.read_inbox_max = Some(id);
            dialog.unread_count = 0;
            dialog.unread_mark = false;
        } else {
            dialog.unread_count += 1;
        }
        if message.out && message.peer == Peer::User(owner) {
            dialog.read_outbox_max = Some(id);
        }
    })
}

/// Forgets the draft of a dialog and tells the caller's other sessions, if there was one.
pub(crate) fn clear_draft(cx: &mut Writing<'_>, peer: Peer) -> Result<(), StoreError> {
    let has_draft = find(cx.db, cx.me, peer)?.is_some_and(|dialog| dialog.draft.is_some());
    if has_draft {
        update(cx.db, cx.me, peer, |dialog| dialog.draft = None)?;
        cx.outbox.tell(cx.me, Notice::Draft { peer });
    }
    Ok(())
}

/// `gone` messages went away: finds the newest that is left and counts again what is unread.
///
/// A dialog without messages is no longer listed. Its row stays: read marks never go back, and a
/// bot may still answer whoever once wrote to it.
pub(crate) fn on_deleted(
    txn: &mut Txn,
    owner: UserId,
    peer: Peer,
    gone: u32,
) -> Result<(), StoreError> {
    let Some(dialog) = find(txn, owner, peer)? else { return Ok(()) };
    let top = match txn.last::<History>(Prefix((owner, peer)))? {
        Some(((_, _, id), ())) => {
            txn.get::<Messages>(&(owner, id))?.map(|message| (id, message.date))
        }
        None => None,
    };
    let unread = unread_after(txn, owner, peer, dialog.read_inbox_max)?;
    update(txn, owner, peer, |dialog| {
        dialog.messages = dialog.messages.saturating_sub(gone);
        dialog.top_message = top.map(|(id, _)| id);
        dialog.top_date = top.map_or(0, |(_, date)| date);
        dialog.unread_count = unread;
        if top.is_none() {
            dialog.pinned = None;
            dialog.unread_mark = false;
        }
    })
}

/// Which part of the list of dialogs is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Page {
    /// Behind a newest message of this date and id; from the top if absent.
    pub(crate) offset: Option<(i32, MessageId)>,
    /// The dialog of that message.
    pub(crate) offset_peer: Option<Peer>,
    pub(crate) exclude_pinned: bool,
    /// Only of this folder; 0 is the main list.
    pub(crate) folder: Option<i32>,
    pub(crate) limit: usize,
}

/// A part of the list of dialogs.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) dialogs: Vec<(Peer, DialogRow)>,
    /// How many dialogs the whole list has.
    pub(crate) count: usize,
}

/// Reads one page: the pinned dialogs in their own order, then the others by their newest message.
pub(crate) fn page(db: &dyn View, owner: UserId, page: Page) -> Result<Slice, StoreError> {
    let mut pinned = pinned(db, owner)?;
    pinned.retain(|(_, row)| in_folder(row, page.folder));
    let after_pinned = match page.offset_peer {
        Some(peer) => pinned.iter().position(|(one, _)| *one == peer).map(|place| place + 1),
        None => None,
    };
    let skip = match (page.exclude_pinned, page.offset, after_pinned) {
        (true, _, _) => pinned.len(),
        (false, None, None) => 0,
        (false, _, Some(place)) => place,
        (false, Some(_), None) => pinned.len(),
    };
    // Whoever stopped at a pinned dialog has seen none of the others yet.
    let offset = page.offset.filter(|_| page.exclude_pinned || after_pinned.is_none());

    let count = count(db, owner, page, pinned.len())?;
    let mut dialogs: Vec<_> = pinned.into_iter().skip(skip).take(page.limit).collect();
    for row in db.range_rev::<DialogOrder>(below(owner, offset)) {
        if dialogs.len() >= page.limit {
            break;
        }
        let ((_, _, _, peer), ()) = row?;
        let Some(dialog) = find(db, owner, peer)? else { continue };
        if dialog.pinned.is_none() && in_folder(&dialog, page.folder) {
            dialogs.push((peer, dialog));
        }
    }
    Ok(Slice { dialogs, count })
}

fn count(db: &dyn View, owner: UserId, page: Page, pinned: usize) -> Result<usize, StoreError> {
    let mut count = match page.folder {
        None => db.count::<DialogOrder>(Prefix(owner), usize::MAX)?,
        Some(_) => {
            let mut inside = 0;
            for row in db.range::<DialogOrder>(Prefix(owner)) {
                let ((_, _, _, peer), ()) = row?;
                let dialog = find(db, owner, peer)?;
                inside += usize::from(dialog.is_some_and(|row| in_folder(&row, page.folder)));
            }
            inside
        }
    };
    if page.exclude_pinned {
        count = count.saturating_sub(pinned);
    }
    Ok(count)
}

type OrderKey = (UserId, i32, MessageId, Peer);

/// The part of the order below an offset.
fn below(owner: UserId, offset: Option<(i32, MessageId)>) -> (Bound<OrderKey>, Bound<OrderKey>) {
    let first = Peer::User(UserId::MIN);
    let start = (owner, i32::MIN, MessageId::MIN, first);
    let end = match offset {
        Some((date, id)) => Bound::Excluded((owner, date, id, first)),
        None => Bound::Included((owner, i32::MAX, MessageId::MAX, Peer::Channel(ChannelId::MAX))),
    };
    (Bound::Included(start), end)
}

fn in_folder(dialog: &DialogRow, folder: Option<i32>) -> bool {
    folder.is_none_or(|folder| dialog.folder.unwrap_or(0) == folder)
}

/// The pinned dialogs, the topmost first.
pub(crate) fn pinned(db: &dyn View, owner: UserId) -> Result<Vec<(Peer, DialogRow)>, StoreError> {
    let mut pinned = Vec::new();
    for row in db.range_rev::<PinnedDialogs>(Prefix(owner)) {
        let ((_, _, peer), ()) = row?;
        if let Some(dialog) = find(db, owner, peer)? {
            pinned.push((peer, dialog));
        }
    }
    Ok(pinned)
}

/// Pins a dialog on top of the others, or takes it down. Tells the caller's other sessions.
///
/// # Errors
/// `PEER_ID_INVALID` without such a dialog, `PINNED_DIALOGS_TOO_MUCH`.
pub(crate) fn set_pinned(cx: &mut Writing<'_>, peer: Peer, pin: bool) -> Rpc<()> {
    let dialog = find(cx.db, cx.me, peer)?.filter(|dialog| dialog.top_message.is_some());
    let dialog = dialog.ok_or(RpcError::PEER_ID_INVALID)?;
    if dialog.pinned.is_some() == pin {
        return Ok(());
    }
    let all = pinned(cx.db, cx.me)?;
    if pin && all.len() >= cx.world.limits().pinned_dialogs_max {
        return Err(RpcError::PINNED_DIALOGS_TOO_MUCH);
    }
    let top = all.first().and_then(|(_, row)| row.pinned).unwrap_or(0);
    let place = pin.then(|| top.saturating_add(1));
    update(cx.db, cx.me, peer, |dialog| dialog.pinned = place)?;
    cx.outbox.tell(cx.me, Notice::DialogPinned { peer, pinned: pin });
    Ok(())
}

/// Puts pinned dialogs into an order, the topmost first. Dialogs that are pinned and not named stay
/// below, or are taken down if `force` is set; named ones that are not pinned are pinned then.
///
/// # Errors
/// `PINNED_DIALOGS_TOO_MUCH`.
pub(crate) fn reorder_pinned(cx: &mut Writing<'_>, order: &[Peer], force: bool) -> Rpc<()> {
    let before: Vec<Peer> = pinned(cx.db, cx.me)?.into_iter().map(|(peer, _)| peer).collect();
    let mut after: Vec<Peer> = Vec::new();
    for peer in order {
        let listed = find(cx.db, cx.me, *peer)?.is_some_and(|row| row.top_message.is_some());
        if !after.contains(peer) && listed && (force || before.contains(peer)) {
            after.push(*peer);
        }
    }
    if !force {
        let unnamed = before.iter().filter(|peer| !order.contains(peer));
        after.extend(unnamed.copied());
    }
    if after.len() > cx.world.limits().pinned_dialogs_max {
        return Err(RpcError::PINNED_DIALOGS_TOO_MUCH);
    }
    if after == before {
        return Ok(());
    }
    for peer in before.iter().filter(|peer| !after.contains(peer)) {
        update(cx.db, cx.me, *peer, |dialog| dialog.pinned = None)?;
    }
    for (place, peer) in (1..).zip(after.iter().rev()) {
        update(cx.db, cx.me, *peer, |dialog| dialog.pinned = Some(place))?;
    }
    cx.outbox.tell(cx.me, Notice::PinnedDialogs);
    Ok(())
}

/// Marks a dialog as unread by hand, or takes the mark away. Tells the caller's other sessions.
pub(crate) fn mark_unread(cx: &mut Writing<'_>, peer: Peer, unread: bool) -> Rpc<()> {
    let listed = find(cx.db, cx.me, peer)?.filter(|dialog| dialog.top_message.is_some());
    if listed.is_some_and(|dialog| dialog.unread_mark != unread) {
        update(cx.db, cx.me, peer, |dialog| dialog.unread_mark = unread)?;
        cx.outbox.tell(cx.me, Notice::UnreadMark { peer, unread });
    }
    Ok(())
}

/// The dialogs that are marked as unread by hand.
pub(crate) fn marked_unread(db: &dyn View, owner: UserId) -> Result<Vec<Peer>, StoreError> {
    let mut marked = Vec::new();
    for row in db.range::<Dialogs>(Prefix(owner)) {
        let ((_, peer), dialog) = row?;
        if dialog.unread_mark {
            marked.push(peer);
        }
    }
    Ok(marked)
}

/// Whether a dialog holds messages of the other side alone.
pub(crate) fn is_unanswered(db: &dyn View, owner: UserId, peer: Peer) -> Result<bool, StoreError> {
    if find(db, owner, peer)?.is_none_or(|dialog| dialog.top_message.is_none()) {
        return Ok(false);
    }
    // An answer, if there is one, mostly stands near the beginning.
    for row in db.range::<History>(Prefix((owner, peer))).take(FIRST_MESSAGES) {
        let ((_, _, id), ()) = row?;
        if db.get::<Messages>(&(owner, id))?.is_some_and(|message| message.out) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How many messages of a dialog are looked through for an answer.
const FIRST_MESSAGES: usize = 1000;

/// How many dialogs have something unread.
pub(crate) fn unread_dialogs(db: &dyn View, owner: UserId) -> Result<u32, StoreError> {
    match boxes::state(db, owner)?.unread_dialogs {
        Some(count) => Ok(count),
        None => recount_unread(db, owner),
    }
}

/// The same by reading all of them.
pub(crate) fn recount_unread(db: &dyn View, owner: UserId) -> Result<u32, StoreError> {
    let mut unread = 0;
    for row in db.range::<Dialogs>(Prefix(owner)) {
        let (_, dialog) = row?;
        unread += u32::from(is_unread(&dialog));
    }
    Ok(unread)
}

/// Counts the incoming messages above the read mark.
pub(crate) fn unread_after(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    read: Option<MessageId>,
) -> Result<u32, StoreError> {
    use Bound::{Excluded, Unbounded};
    let above = read.map_or(Unbounded, Excluded);
    let mut unread = 0;
    for row in db.range::<History>(Within((owner, peer), (above, Unbounded))) {
        let ((_, _, id), ()) = row?;
        if db.get::<Messages>(&(owner, id))?.is_some_and(|message| !message.out) {
            unread += 1;
        }
    }
    Ok(unread)
}

fn order_key(owner: UserId, peer: Peer, dialog: &DialogRow) -> Option<OrderKey> {
    Some((owner, dialog.top_date, dialog.top_message?, peer))
}
