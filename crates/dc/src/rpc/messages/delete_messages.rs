//! `messages.deleteMessages`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::messages::delete::{self, Whose};
use crate::error::Rpc;
use crate::render;
use crate::rpc::input;

/// `messages.deleteMessages`: deletes messages from one's own box, with `revoke` for both sides.
///
/// Ids that are not there are passed over; the answer counts what was really deleted.
///
/// # Errors
/// `LIMIT_INVALID` for more ids than one request may name.
pub(super) fn delete_messages(
    cx: &mut Writing<'_>,
    req: tl::messages::DeleteMessages,
) -> Rpc<tl::messages::AffectedMessages> {
    let ids = input::message_ids(cx, &req.id)?;
    let whose = if req.revoke { Whose::Everybodys } else { Whose::Mine };

    delete::messages(cx, &ids, whose)?;

    render::affected(cx.mine(), &cx.outbox.logged)
}
