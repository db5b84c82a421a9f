//! `messages.getMessages`.

use heliogram_ids::MessageId;
use heliogram_store::Read as _;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::error::{Rpc, RpcError};
use crate::render::{self, Peers};
use crate::rpc::input;
use crate::tables::Messages;

/// `messages.getMessages`: messages of the common box by id, one answer for each that was asked.
///
/// What is not there is answered with `messageEmpty`, so that the caller can tell which it was.
///
/// # Errors
/// `LIMIT_INVALID` for more ids than one request may name.
pub(super) fn get_messages(
    cx: &mut Reading<'_>,
    req: tl::messages::GetMessages,
) -> Rpc<tl::messages::Messages> {
    if req.id.len() > cx.world.limits().message_ids_max {
        return Err(RpcError::LIMIT_INVALID);
    }

    let viewer = cx.mine();
    let mut peers = Peers::default();
    let mut messages = Vec::with_capacity(req.id.len());
    for one in &req.id {
        let (asked, id) = wanted(cx, one)?;
        let row = match id {
            Some(id) => cx.db.get::<Messages>(&(cx.me, id))?.map(|row| (id, row)),
            None => None,
        };
        messages.push(match row {
            Some((id, row)) => render::message(viewer, id, &row, &mut peers)?,
            None => types::MessageEmpty { id: asked, peer_id: None }.into(),
        });
    }

    let (users, chats) = peers.render(viewer)?;
    Ok(types::messages::Messages { messages, topics: Vec::new(), chats, users }.into())
}

/// The number that the caller gave, and the message that is meant by it.
fn wanted(cx: &Reading<'_>, one: &tl::InputMessage) -> Rpc<(i32, Option<MessageId>)> {
    Ok(match one {
        tl::InputMessage::InputMessageId(by) => (by.id, input::message_id(by.id)),
        tl::InputMessage::InputMessageCallbackQuery(by) => (by.id, input::message_id(by.id)),
        tl::InputMessage::InputMessageReplyTo(by) => {
            let answer = match input::message_id(by.id) {
                Some(id) => cx.db.get::<Messages>(&(cx.me, id))?,
                None => None,
            };
            (by.id, answer.and_then(|row| row.reply).and_then(|reply| reply.id))
        }
        tl::InputMessage::InputMessagePinned => (0, None),
    })
}
