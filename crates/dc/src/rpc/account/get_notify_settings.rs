//! `account.getNotifySettings`.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::error::Rpc;
use crate::render;
use crate::rpc::input;

/// `account.getNotifySettings`: whether messages of a peer or a kind of peers make a sound.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_notify_settings(
    cx: &mut Reading<'_>,
    req: tl::account::GetNotifySettings,
) -> Rpc<tl::PeerNotifySettings> {
    let scope = input::notify_scope(cx, &req.peer)?;
    render::notify_settings(cx.mine(), scope)
}
