//! `messages.forwardMessages`.

use heliogram_ids::RandomId;
use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::messages::forward::{self, Manner};
use crate::domain::messages::post::Notify;
use crate::domain::permit;
use crate::error::{Rpc, RpcError};
use crate::render::{self, Repeated};
use crate::rpc::input;

/// `messages.forwardMessages`: forwards messages of one dialog into another.
///
/// # Errors
/// `MESSAGE_IDS_EMPTY`, `LIMIT_INVALID`, `RANDOM_ID_INVALID` unless there is one for each message,
/// `RANDOM_ID_EMPTY`, `RANDOM_ID_DUPLICATE`, `PEER_ID_INVALID`, `MESSAGE_ID_INVALID`,
/// `CHAT_FORWARDS_RESTRICTED`, `YOU_BLOCKED_USER`, `USER_IS_BLOCKED`, `INPUT_USER_DEACTIVATED`,
/// `SCHEDULE_DATE_INVALID`, `SCHEDULE_BOT_NOT_ALLOWED`.
pub(super) fn forward_messages(
    cx: &mut Writing<'_>,
    req: tl::messages::ForwardMessages,
) -> Rpc<tl::Updates> {
    let from = input::peer(cx, &req.from_peer)?;
    let to = input::peer(cx, &req.to_peer)?;
    input::schedule(cx.caller, cx.now, req.schedule_date)?;
    if req.id.is_empty() {
        return Err(RpcError::MESSAGE_IDS_EMPTY);
    }
    if req.id.len() > cx.world.limits().message_ids_max {
        return Err(RpcError::LIMIT_INVALID);
    }
    if req.id.len() != req.random_id.len() {
        return Err(RpcError::RANDOM_ID_INVALID);
    }
    let named = req.id.iter().zip(&req.random_id);
    let ids: Vec<_> = named
        .filter_map(|(id, random)| Some((input::message_id(*id)?, RandomId(*random))))
        .collect();
    let manner = Manner {
        // Captions cannot go under the name of somebody who wrote them.
        drop_author: req.drop_author || req.drop_media_captions,
        drop_captions: req.drop_media_captions,
        notify: if req.silent { Notify::Silent } else { Notify::Loud },
        noforwards: req.noforwards,
    };

    permit::post(cx.db, cx.me, cx.caller.is_bot, to)?;

    let posted = forward::messages(cx, from, to, &ids, manner)?;

    let posts: Vec<_> = posted
        .into_iter()
        .map(|(posted, random_id)| (posted.id(), random_id, Repeated::of(posted)))
        .collect();
    render::own_post(cx.mine(), &posts)
}
