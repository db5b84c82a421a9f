//! `messages.readMessageContents`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::messages::read;
use crate::error::Rpc;
use crate::render;
use crate::rpc::input;

/// `messages.readMessageContents`: voice messages and round videos were played.
///
/// # Errors
/// `LIMIT_INVALID` for more ids than one request may name.
pub(super) fn read_message_contents(
    cx: &mut Writing<'_>,
    req: tl::messages::ReadMessageContents,
) -> Rpc<tl::messages::AffectedMessages> {
    let ids = input::message_ids(cx, &req.id)?;

    read::contents(cx, &ids)?;

    render::affected(cx.mine(), &cx.outbox.logged)
}
