//! `messages.readHistory`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::messages::read;
use crate::error::Rpc;
use crate::render;
use crate::rpc::input;

/// `messages.readHistory`: marks a dialog as read up to a message, or to its end if none is named.
///
/// What was read before is no event: the answer counts none.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn read_history(
    cx: &mut Writing<'_>,
    req: tl::messages::ReadHistory,
) -> Rpc<tl::messages::AffectedMessages> {
    let peer = input::peer(cx, &req.peer)?;
    let max_id = input::message_id(req.max_id);

    read::history(cx, peer, max_id)?;

    render::affected(cx.mine(), &cx.outbox.logged)
}
