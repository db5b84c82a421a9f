//! `messages.getPeerSettings`, and hiding them.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Reading, Writing};
use crate::domain::{dialogs, users};
use crate::error::{Rpc, RpcError};
use crate::render::{self, Peers};
use crate::rpc::input;

/// `messages.getPeerSettings`: what the bar above a stranger's first messages offers.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_peer_settings(
    cx: &mut Reading<'_>,
    req: tl::messages::GetPeerSettings,
) -> Rpc<tl::messages::PeerSettings> {
    let peer = input::peer(cx, &req.peer)?;

    let user = peer.user().ok_or(RpcError::PEER_ID_INVALID)?;
    let row = users::require(cx.db, user)?;

    let viewer = cx.mine();
    let mut peers = Peers::default();
    peers.mention(peer);
    let (users, chats) = peers.render(viewer)?;
    let settings = render::peer_settings(viewer, user, &row)?;
    Ok(types::messages::PeerSettings { settings, chats, users }.into())
}

/// `messages.hidePeerSettingsBar`: the bar was dismissed.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn hide_peer_settings_bar(
    cx: &mut Writing<'_>,
    req: tl::messages::HidePeerSettingsBar,
) -> Rpc<bool> {
    let peer = input::peer(cx, &req.peer)?;

    dialogs::update(cx.db, cx.me, peer, |dialog| dialog.hide_peer_settings = Some(true))?;

    Ok(true)
}
