//! `messages.deleteHistory`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::messages::delete::{self, Clearing, Whose};
use crate::error::Rpc;
use crate::render;
use crate::rpc::input;

/// `messages.deleteHistory`: clears a dialog, a part at a time; `offset` says how much is left.
///
/// With `just_clear` the dialog stays in the list, with a mark in place of its newest message.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn delete_history(
    cx: &mut Writing<'_>,
    req: tl::messages::DeleteHistory,
) -> Rpc<tl::messages::AffectedHistory> {
    let peer = input::peer(cx, &req.peer)?;
    let clearing = Clearing {
        max_id: input::message_id(req.max_id),
        min_date: req.min_date.filter(|date| *date > 0),
        max_date: req.max_date.filter(|date| *date > 0),
        just_clear: req.just_clear,
        whose: if req.revoke { Whose::Everybodys } else { Whose::Mine },
        limit: cx.world.limits().clear_messages_max,
    };

    let left = delete::clear(cx, peer, clearing)?;

    render::affected_history(cx.mine(), &cx.outbox.logged, left)
}
