//! `messages.setTyping`.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::domain::{permit, typing};
use crate::error::{Rpc, RpcError};
use crate::fanout::Notice;
use crate::rpc::input;

/// `messages.setTyping`: the other side is shown that the caller is writing, uploading or the like.
///
/// # Errors
/// `PEER_ID_INVALID`, `INPUT_USER_DEACTIVATED`, `USER_IS_BLOCKED`, `USER_IS_BOT`.
pub(super) fn set_typing(cx: &mut Reading<'_>, req: tl::messages::SetTyping) -> Rpc<bool> {
    let peer = input::peer(cx, &req.peer)?;

    match permit::post(cx.db, cx.me, cx.caller.is_bot, peer) {
        // Who writes to somebody blocked will learn it when the message is sent.
        Err(error) if error == RpcError::YOU_BLOCKED_USER => {}
        other => other?,
    }

    if let Some(reader) = typing::audience(cx.db, cx.me, peer)? {
        cx.outbox.tell(reader, Notice::Typing { from: cx.me, action: req.action });
    }
    Ok(true)
}
