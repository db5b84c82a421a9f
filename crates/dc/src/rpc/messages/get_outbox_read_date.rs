//! `messages.getOutboxReadDate`.

use heliogram_store::Read as _;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::messages::read;
use crate::error::{Rpc, RpcError};
use crate::rpc::input;
use crate::tables::Messages;

/// `messages.getOutboxReadDate`: when the other side read a message of one's own.
///
/// # Errors
/// `PEER_ID_INVALID`, `MESSAGE_ID_INVALID`, `MESSAGE_TOO_OLD` a week after, `MESSAGE_NOT_READ_YET`.
pub(super) fn get_outbox_read_date(
    cx: &mut Reading<'_>,
    req: tl::messages::GetOutboxReadDate,
) -> Rpc<tl::OutboxReadDate> {
    let peer = input::peer(cx, &req.peer)?;
    let id = input::message_id(req.msg_id).ok_or(RpcError::MESSAGE_ID_INVALID)?;
    let found = cx.db.get::<Messages>(&(cx.me, id))?.filter(|message| message.peer == peer);
    let message = found.filter(|message| message.out).ok_or(RpcError::MESSAGE_ID_INVALID)?;
    if i64::from(cx.now.unix()) - i64::from(message.date) > KNOWN_SECONDS {
        return Err(RpcError::MESSAGE_TOO_OLD);
    }

    let date = read::outbox_date(cx.db, cx.me, peer, id)?;

    let date = date.ok_or(RpcError::MESSAGE_NOT_READ_YET)?;
    Ok(types::OutboxReadDate { date }.into())
}

/// How long the date is told: a week, as the configuration of apps says.
const KNOWN_SECONDS: i64 = 7 * 24 * 60 * 60;
