//! What a new message answers, as a caller names it.

use heliogram_ids::Peer;
use heliogram_store::Read as _;
use heliogram_store::engine::View;
use heliogram_tl as tl;

use super::message_id;
use super::text::formatting;
use crate::cx::Cx;
use crate::domain::messages::post::ReplyTo;
use crate::error::{Rpc, RpcError};
use crate::record::Quote;
use crate::tables::Messages;

/// What a message answers. A target that the caller does not have is passed over for people, and
/// refused for bots.
///
/// # Errors
/// `REPLY_MESSAGE_ID_INVALID`, `QUOTE_TEXT_INVALID`.
pub(in crate::rpc) fn reply_to<D: View>(
    cx: &Cx<'_, D>,
    peer: Peer,
    input: Option<&tl::InputReplyTo>,
) -> Rpc<Option<ReplyTo>> {
    let Some(tl::InputReplyTo::InputReplyToMessage(reply)) = input else { return Ok(None) };
    if reply.reply_to_msg_id == 0 {
        return Ok(None);
    }
    let found = match message_id(reply.reply_to_msg_id) {
        Some(id) => cx
            .db
            .get::<Messages>(&(cx.me, id))?
            .filter(|message| message.peer == peer)
            .map(|row| (id, row)),
        None => None,
    };
    let Some((id, target)) = found else {
        return if cx.caller.is_bot { Err(RpcError::REPLY_MESSAGE_ID_INVALID) } else { Ok(None) };
    };
    let quote = match &reply.quote_text {
        None => None,
        Some(text) if text.is_empty() => None,
        Some(text) if !target.text.contains(text.as_str()) => {
            return Err(RpcError::QUOTE_TEXT_INVALID);
        }
        Some(text) => Some(Quote {
            text: text.to_string(),
            entities: formatting(cx, reply.quote_entities.as_deref())?.entities,
            offset: reply.quote_offset,
        }),
    };
    Ok(Some(ReplyTo { id, quote }))
}
