//! `messages.startBot`.

use heliogram_ids::{Peer, RandomId};
use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::messages::post::{self, Draft};
use crate::domain::text::Text;
use crate::domain::{permit, users};
use crate::error::{Rpc, RpcError};
use crate::render::{self, Repeated};
use crate::rpc::input;

/// `messages.startBot`: begins a conversation with a bot, with the parameter of the link that led
/// there.
///
/// # Errors
/// `BOT_INVALID`, `START_PARAM_INVALID`, `PEER_ID_INVALID` for chats other than the bot's own,
/// `YOU_BLOCKED_USER`, `INPUT_USER_DEACTIVATED`, `RANDOM_ID_EMPTY`, `RANDOM_ID_DUPLICATE`.
pub(super) fn start_bot(cx: &mut Writing<'_>, req: tl::messages::StartBot) -> Rpc<tl::Updates> {
    let bot = input::user(cx, &req.bot).map_err(|_| RpcError::BOT_INVALID)?;
    let peer = match input::offset_peer(cx, &req.peer)? {
        None => Peer::User(bot),
        Some(peer) if peer == Peer::User(bot) => peer,
        Some(_) => return Err(RpcError::PEER_ID_INVALID),
    };
    let text = command(&req.start_param)?;

    if !users::require(cx.db, bot)?.is_bot() {
        return Err(RpcError::BOT_INVALID);
    }
    permit::post(cx.db, cx.me, cx.caller.is_bot, peer)?;

    let random_id = RandomId(req.random_id);
    let posted = post::post_once(cx, peer, random_id, Draft { text, ..Draft::default() })?;

    render::own_post(cx.mine(), &[(posted.id(), random_id, Repeated::of(posted))])
}

fn command(param: &str) -> Rpc<Text> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if param.len() > PARAM_BYTES_MAX || !param.chars().all(fits) {
        return Err(RpcError::START_PARAM_INVALID);
    }
    Ok(Text::plain(if param.is_empty() { "/start".to_owned() } else { format!("/start {param}") }))
}

/// Longest parameter of a link to a bot.
const PARAM_BYTES_MAX: usize = 64;
