//! `contacts.block` and `contacts.unblock`.

use heliogram_ids::UserId;
use heliogram_tl as tl;

use crate::cx::Writing;
use crate::error::{Rpc, RpcError};
use crate::fanout::Notice;
use crate::rpc::input;
use crate::tables::Blocks;

/// `contacts.block`: whatever somebody writes does not arrive any more, and they are not told.
///
/// # Errors
/// `PEER_ID_INVALID`, also for oneself.
pub(super) fn block(cx: &mut Writing<'_>, req: tl::contacts::Block) -> Rpc<bool> {
    // Who is kept from stories only stays a partner: there are no stories.
    if req.my_stories_from {
        return Ok(true);
    }
    let person = person(cx, &req.id)?;
    cx.db.put::<Blocks>(&(cx.me, person), &cx.now.unix())?;
    cx.outbox.tell(cx.me, Notice::Blocked { peer: person, blocked: true });
    Ok(true)
}

/// `contacts.unblock`: takes that back.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn unblock(cx: &mut Writing<'_>, req: tl::contacts::Unblock) -> Rpc<bool> {
    if req.my_stories_from {
        return Ok(true);
    }
    let person = person(cx, &req.id)?;
    cx.db.delete::<Blocks>(&(cx.me, person))?;
    cx.outbox.tell(cx.me, Notice::Blocked { peer: person, blocked: false });
    Ok(true)
}

fn person(cx: &Writing<'_>, named: &tl::InputPeer) -> Rpc<UserId> {
    let person = input::peer(cx, named)?.user().ok_or(RpcError::PEER_ID_INVALID)?;
    if person == cx.me { Err(RpcError::PEER_ID_INVALID) } else { Ok(person) }
}
