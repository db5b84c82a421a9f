//! `messages.getPeerSettings`, and hiding them.

use heliogram_ids::Peer;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Reading, Writing};
use crate::domain::dialogs;
use crate::error::Rpc;
use crate::render::Peers;
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

    let stranger = dialogs::is_strangers(cx.db, cx.me, peer)?;

    let mut peers = Peers::default();
    peers.mention(peer);
    let (users, chats) = peers.render(cx.mine())?;
    let settings = types::PeerSettings {
        report_spam: stranger,
        add_contact: stranger,
        block_contact: stranger,
        ..Default::default()
    };
    Ok(types::messages::PeerSettings { settings: settings.into(), chats, users }.into())
}

/// `messages.hidePeerSettingsBar`: the bar was dismissed.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn hide_peer_settings_bar(
    cx: &mut Writing<'_>,
    req: tl::messages::HidePeerSettingsBar,
) -> Rpc<bool> {
    let peer: Peer = input::peer(cx, &req.peer)?;

    dialogs::update(cx.db, cx.me, peer, |dialog| dialog.hide_peer_settings = Some(true))?;

    Ok(true)
}
